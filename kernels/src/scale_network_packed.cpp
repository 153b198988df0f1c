#include "scale_network_packed.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "ops.hpp"

namespace tcs {
namespace {

constexpr std::size_t round_up(std::size_t n, std::size_t to) {
    return (n + to - 1) / to * to;
}

/// Pairs of channels with one row and one column of zeros around, as PackedLayerView wants them.
class PairPlanes {
public:
    PairPlanes(std::size_t pairs, int height, int width)
        : stride_(round_up(static_cast<std::size_t>(width), 16) + 16),
          plane_((static_cast<std::size_t>(height) + 2) * stride_),
          data_(pairs * plane_, 0) {}

    std::size_t stride() const { return stride_; }
    std::size_t plane() const { return plane_; }
    /// Element (pair 0, y, x), y and x >= -1.
    std::int32_t* at(int y, int x) {
        return data_.data() + static_cast<std::size_t>(y + 1) * stride_ +
               static_cast<std::size_t>(x + 1);
    }

private:
    std::size_t stride_;
    std::size_t plane_;
    std::vector<std::int32_t> data_;
};

/// Size of what a layer computes, before depth-to-space.
struct Extent {
    int height;
    int width;
};

/// Walks back from the cropped grid: which part of each layer's output does anybody read?
std::vector<Extent> extents(const ScaleNetwork& network, int height, int width) {
    const std::vector<ScaleLayer>& layers = network.layers();
    std::vector<Extent> need(layers.size());
    Extent wanted{height, width};
    Extent full{(height + 3) / 4 * 4, (width + 3) / 4 * 4};
    for (std::size_t i = layers.size(); i-- > 0;) {
        const int f = layers[i].factor;
        const int radius = layers[i].kernel / 2;
        need[i] = {(wanted.height + f - 1) / f, (wanted.width + f - 1) / f};
        full = {full.height / f, full.width / f};
        wanted = {std::min(full.height, need[i].height + radius),
                  std::min(full.width, need[i].width + radius)};
    }
    return need;
}

PairPlanes pack_input(const std::vector<std::int16_t>& a0, int channels, int height, int width) {
    PairPlanes planes(static_cast<std::size_t>(channels + 1) / 2, height, width);
    const std::int16_t* a = a0.data();
    for (int c = 0; c < channels; ++c) {
        for (int y = 0; y < height; ++y) {
            std::int32_t* row = planes.at(y, 0) + static_cast<std::size_t>(c / 2) * planes.plane();
            for (int x = 0; x < width; ++x) {
                const std::uint32_t bits = static_cast<std::uint16_t>(*a++);
                row[x] = static_cast<std::int32_t>(static_cast<std::uint32_t>(row[x]) |
                                                   bits << (c % 2 * 16));
            }
        }
    }
    return planes;
}

/// Smallest accumulator whose requantised value is 32767 or more: clamping to it first leaves every
/// result below 2^15, so that vector code needs no 64-bit minimum.
std::int32_t saturation_limit(std::uint32_t mult, int shift) {
    constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();
    if (mult == 0 || shift > 47) return never;  // 32767 << 48 is above every product
    const std::uint64_t least = (std::uint64_t{32767} << shift) - (std::uint64_t{1} << (shift - 1));
    const std::uint64_t limit = (least + mult - 1) / mult;
    return limit < static_cast<std::uint64_t>(never) ? static_cast<std::int32_t>(limit) : never;
}

}  // namespace

PackedLayer pack_layer(const ScaleLayer& layer) {
    const std::size_t taps = static_cast<std::size_t>(layer.kernel * layer.kernel);
    const std::size_t cin = static_cast<std::size_t>(layer.cin);
    const std::size_t cout = static_cast<std::size_t>(layer.cout);
    const std::size_t pairs = (cin + 1) / 2;
    const std::size_t padded = round_up(cout, 8);
    PackedLayer packed;
    packed.weight.resize(padded * taps * pairs * 2);
    packed.bias.resize(padded);
    packed.mult.resize(padded);
    packed.limit.resize(padded);
    for (std::size_t o = 0; o < cout; ++o) {
        packed.bias[o] = layer.bias[o];
        packed.mult[o] = layer.mult[o];
        packed.limit[o] = saturation_limit(layer.mult[o], layer.shift);
        for (std::size_t i = 0; i < cin; ++i) {
            for (std::size_t t = 0; t < taps; ++t) {
                const std::size_t block = (o / 4 * taps + t) * pairs + i / 2;
                packed.weight[(block * 4 + o % 4) * 2 + i % 2] =
                    layer.weight[(o * cin + i) * taps + t];
            }
        }
    }
    return packed;
}

void run_packed(const ScaleNetwork& network, const std::vector<std::int16_t>& a0, int height,
                int width, std::int16_t* index) {
    const std::vector<Extent> need = extents(network, height, width);
    PairPlanes planes = pack_input(a0, network.hyper(), (height + 3) / 4, (width + 3) / 4);
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
        const ScaleLayer& layer = network.layers()[i];
        const PackedLayer& packed = network.packed()[i];
        const bool last = i + 1 == network.layers().size();
        const int f = layer.factor;
        const std::size_t out_pairs =
            round_up(static_cast<std::size_t>(layer.cout), 8) / 2 / static_cast<std::size_t>(f * f);
        PairPlanes out(last ? 0 : out_pairs, need[i].height * f, need[i].width * f);
        const int radius = layer.kernel / 2;
        ops().layer(PackedLayerView{packed.weight.data(), packed.bias.data(), packed.mult.data(),
                                    packed.limit.data(), (layer.cin + 1) / 2, layer.cout,
                                    layer.kernel, f, layer.shift, planes.at(-radius, -radius),
                                    planes.stride(), planes.plane(), need[i].height, need[i].width,
                                    last ? nullptr : out.at(0, 0), out.stride(), out.plane(),
                                    last ? index : nullptr});
        planes = std::move(out);
    }
}

}  // namespace tcs
