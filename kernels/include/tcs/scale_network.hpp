// The integer network that maps z_hat to the scale index of every element of r.
//
// Exact on every machine: int8 weights, int16 activations, int32 accumulators whose bound is proved
// when the network is opened, 64-bit requantisation. scale_network.cpp is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcs {

/// One convolution, stride 1, zero padding kernel / 2, then requantisation and depth-to-space.
struct ScaleLayer {
    int cin = 0;
    int cout = 0;
    int kernel = 1;                   // 1 or 3
    int factor = 1;                   // depth-to-space, 1 or 2
    int shift = 1;                    // 1..62
    std::vector<std::int8_t> weight;  // (cout, cin, kernel, kernel)
    std::vector<std::int32_t> bias;   // (cout,)
    std::vector<std::uint32_t> mult;  // (cout,)
};

/// Weights repacked for vector code, made once when the bundle is opened. Output channels are
/// padded to multiples of 8 and input channels to pairs; the padding is zero.
struct PackedLayer {
    std::vector<std::int16_t> weight;  // (cout/4, kernel^2, cin/2, 4, 2)
    std::vector<std::int32_t> bias;    // (cout,)
    std::vector<std::uint32_t> mult;   // (cout,)
    std::vector<std::int32_t> limit;   // (cout,) smallest accumulator that requantises to 32767
};

class ScaleNetwork {
public:
    ScaleNetwork() = default;
    /// layers: 1..8 of them, cin of the first = hyper, cout of the last = latent, factors with
    /// product 4, last factor 1. z_mult: (z_levels, hyper). Throws Error(bundle) if any of this,
    /// or the bound |bias| + sum |weight| * 32768 < 2^31 of an output channel, does not hold.
    ScaleNetwork(std::vector<ScaleLayer> layers, std::vector<std::uint32_t> z_mult, int z_levels,
                 int z_shift, int hyper, int latent);

    /// Indexes without quality and without clamp.
    /// z_hat: (hyper, hz, wz) int8 with hz = ceil(height / 4), wz = ceil(width / 4);
    /// level 0..z_levels-1; index: (latent, height, width) int16, written whole. Only what the
    /// cropped grid needs is computed. REQUIRES height, width >= 1.
    void run(const std::int8_t* z_hat, int level, int height, int width, std::int16_t* index) const;

    int hyper() const noexcept { return hyper_; }
    int latent() const noexcept { return latent_; }
    int z_levels() const noexcept { return z_levels_; }
    const std::vector<ScaleLayer>& layers() const noexcept { return layers_; }
    const std::vector<PackedLayer>& packed() const noexcept { return packed_; }

private:
    std::vector<std::int16_t> network_input(const std::int8_t* z_hat, int level,
                                            std::size_t plane) const;

    std::vector<ScaleLayer> layers_;
    std::vector<PackedLayer> packed_;
    std::vector<std::uint32_t> z_mult_;  // (z_levels, hyper)
    int z_shift_ = 1;
    int z_levels_ = 0;
    int hyper_ = 0;
    int latent_ = 0;
};

}  // namespace tcs
