#include "tcs/layer.hpp"

#include <string>

#include "container_rules.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

std::string wrong_quality(std::uint8_t quality) {
    return "layer chunk: expected quality 0 to 63, came " + std::to_string(quality);
}

}  // namespace

std::vector<std::uint8_t> write_layer(const Layer& layer) {
    if (layer.quality > kQualityMask)
        throw Error(ErrorCode::argument, wrong_quality(layer.quality));
    const auto byte = [](std::uint32_t value, int place) {
        return static_cast<std::uint8_t>(value >> (8 * place) & 0xFFU);
    };
    return {layer.quality,
            layer.threshold,
            byte(layer.wire_id, 0),
            byte(layer.wire_id, 1),
            byte(layer.bundle_hash, 0),
            byte(layer.bundle_hash, 1),
            byte(layer.bundle_hash, 2),
            byte(layer.bundle_hash, 3)};
}

Layer read_layer(const std::uint8_t* data, std::size_t size) {
    if (size != kLayerBytes) {
        throw Error(size < kLayerBytes ? ErrorCode::truncated : ErrorCode::trailing,
                    "layer chunk: expected 8 bytes, came " + std::to_string(size));
    }
    Layer layer;
    layer.quality = data[0];
    layer.threshold = data[1];
    layer.wire_id = static_cast<std::uint16_t>(data[2] | data[3] << 8);
    for (int place = 0; place < 4; ++place)
        layer.bundle_hash |= static_cast<std::uint32_t>(data[4 + place]) << (8 * place);
    if (layer.quality > kQualityMask) throw Error(ErrorCode::corrupt, wrong_quality(layer.quality));
    return layer;
}

}  // namespace tcs
