#include "kernel.hpp"

#include <string>

#include "error.hpp"

namespace example {

void check(tcs_status status) {
    if (status == TCS_OK) return;
    throw Error(std::string(tcs_last_error()) + " (" + tcs_status_name(status) + ")");
}

Bundle::Bundle(const Bytes& data) {
    tcs_bundle* opened = nullptr;
    check(tcs_bundle_open(data.data(), data.size(), &opened));
    bundle_.reset(opened);
    check(tcs_bundle_describe(opened, &info_));
}

Bytes Bundle::encode(const tcs_tile& tile, const Planes<std::int8_t>& z_hat,
                     const Planes<float>& d) const {
    std::uint8_t* payload = nullptr;
    std::size_t size = 0;
    check(tcs_encode_tile_d(bundle_.get(), &tile, z_hat.values.data(), d.values.data(), &payload,
                            &size));
    return take(payload, size);
}

Bytes Bundle::encode(const tcs_tile& tile, const Planes<std::int8_t>& z_hat,
                     const Planes<std::int16_t>& r) const {
    std::uint8_t* payload = nullptr;
    std::size_t size = 0;
    check(tcs_encode_tile_r(bundle_.get(), &tile, z_hat.values.data(), r.values.data(), &payload,
                            &size));
    return take(payload, size);
}

void Bundle::decode(const tcs_tile& tile, const std::uint8_t* payload, std::size_t size,
                    Planes<std::int8_t>& z_hat, Planes<std::int16_t>& r) const {
    check(
        tcs_decode_tile(bundle_.get(), &tile, payload, size, z_hat.values.data(), r.values.data()));
}

Planes<float> Bundle::inverse_gain(const tcs_tile& tile) const {
    const bool mapped = tile.roi != nullptr;
    Planes<float> gains(info_.latent, mapped ? tile.height : 1, mapped ? tile.width : 1);
    check(tcs_inverse_gain(bundle_.get(), &tile, gains.values.data()));
    return gains;
}

Parsed parse(const Bytes& stream) {
    Parsed parsed;
    tcs_chunk* chunks = nullptr;
    std::size_t count = 0;
    check(tcs_parse(stream.data(), stream.size(), TCS_PARSE_FIRST_LAYER, &parsed.header, &chunks,
                    &count));
    parsed.chunks = take(chunks, count);
    return parsed;
}

Bytes write(const tcs_header& header, const std::vector<tcs_chunk_data>& chunks) {
    std::uint8_t* stream = nullptr;
    std::size_t size = 0;
    check(tcs_write(&header, chunks.data(), chunks.size(), &stream, &size));
    return take(stream, size);
}

Bytes encode_quality_map(const std::vector<std::int8_t>& offsets, int height, int width) {
    std::uint8_t* data = nullptr;
    std::size_t size = 0;
    check(tcs_encode_quality_map(offsets.data(), height, width, &data, &size));
    return take(data, size);
}

std::vector<std::int8_t> decode_quality_map(const std::uint8_t* data, std::size_t size, int height,
                                            int width) {
    std::vector<std::int8_t> offsets(static_cast<std::size_t>(height) *
                                     static_cast<std::size_t>(width));
    check(tcs_decode_quality_map(data, size, height, width, offsets.data()));
    return offsets;
}

}  // namespace example
