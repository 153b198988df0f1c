// The scale network in plain C++: the specification. scale_network_packed.cpp prepares the same for
// vector code.
#include "tcs/scale_network.hpp"

#include <algorithm>

#include "ops.hpp"
#include "scale_network_packed.hpp"

namespace tcs {
namespace {

constexpr std::int64_t kInt16Max = 32767;

/// Activations (channels, height, width).
struct Activations {
    int channels;
    int height;
    int width;
    std::vector<std::int16_t> data;

    const std::int16_t* row(int c, int y) const {
        return data.data() + (static_cast<std::size_t>(c) * static_cast<std::size_t>(height) +
                              static_cast<std::size_t>(y)) *
                                 static_cast<std::size_t>(width);
    }
    std::int16_t* row(int c, int y) {
        return const_cast<std::int16_t*>(static_cast<const Activations*>(this)->row(c, y));
    }
};

/// min((magnitude * mult + half) >> shift, 32767). The product is below 2^63.
std::int64_t requantise(std::int64_t magnitude, std::uint32_t mult, int shift) {
    const std::uint64_t scaled = static_cast<std::uint64_t>(magnitude) * mult;
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>((scaled + half) >> shift, static_cast<std::uint64_t>(kInt16Max)));
}

/// One row of accumulators of one output channel. No partial sum leaves int32: the bound proved at
/// load counts every term by its magnitude.
void convolve_row(const ScaleLayer& layer, const Activations& in, int channel, int y,
                  std::vector<std::int32_t>& acc) {
    const int k = layer.kernel;
    const int radius = k / 2;
    std::fill(acc.begin(), acc.end(), layer.bias[static_cast<std::size_t>(channel)]);
    for (int i = 0; i < layer.cin; ++i) {
        for (int ky = std::max(0, radius - y); ky < std::min(k, in.height + radius - y); ++ky) {
            const std::int16_t* a = in.row(i, y + ky - radius);
            for (int kx = 0; kx < k; ++kx) {
                const int w = layer.weight[static_cast<std::size_t>(
                    ((channel * layer.cin + i) * k + ky) * k + kx)];
                const int from = std::max(0, radius - kx);
                const int to = std::min(in.width, in.width + radius - kx);
                for (int x = from; x < to; ++x)
                    acc[static_cast<std::size_t>(x)] += w * a[x + kx - radius];
            }
        }
    }
}

Activations hidden_layer(const ScaleLayer& layer, const Activations& in) {
    const int f = layer.factor;
    Activations out{layer.cout / (f * f), in.height * f, in.width * f, {}};
    out.data.resize(in.data.size() / static_cast<std::size_t>(layer.cin) *
                    static_cast<std::size_t>(layer.cout));
    std::vector<std::int32_t> acc(static_cast<std::size_t>(in.width));
    for (int c = 0; c < layer.cout; ++c) {
        const int dy = c / f % f;
        const int dx = c % f;
        const std::uint32_t mult = layer.mult[static_cast<std::size_t>(c)];
        for (int y = 0; y < in.height; ++y) {
            convolve_row(layer, in, c, y, acc);
            std::int16_t* row = out.row(c / (f * f), y * f + dy);
            for (int x = 0; x < in.width; ++x)
                row[x * f + dx] = static_cast<std::int16_t>(
                    requantise(std::max(acc[static_cast<std::size_t>(x)], 0), mult, layer.shift));
        }
    }
    return out;
}

/// The last layer, symmetric in the sign, of the top left corner of height x width.
void last_layer(const ScaleLayer& layer, const Activations& in, int height, int width,
                std::int16_t* index) {
    std::vector<std::int32_t> acc(static_cast<std::size_t>(in.width));
    for (int c = 0; c < layer.cout; ++c) {
        const std::uint32_t mult = layer.mult[static_cast<std::size_t>(c)];
        for (int y = 0; y < height; ++y) {
            convolve_row(layer, in, c, y, acc);
            for (int x = 0; x < width; ++x) {
                const std::int64_t a = acc[static_cast<std::size_t>(x)];
                const std::int64_t magnitude = requantise(a < 0 ? -a : a, mult, layer.shift);
                *index++ = static_cast<std::int16_t>(a < 0 ? -magnitude : magnitude);
            }
        }
    }
}

}  // namespace

std::vector<std::int16_t> ScaleNetwork::network_input(const std::int8_t* z_hat, int level,
                                                      std::size_t plane) const {
    const std::size_t channels = static_cast<std::size_t>(hyper_);
    const std::uint32_t* mult = z_mult_.data() + static_cast<std::size_t>(level) * channels;
    const std::int64_t half = std::int64_t{1} << (z_shift_ - 1);
    std::vector<std::int16_t> a0(channels * plane);
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t i = c * plane; i < (c + 1) * plane; ++i) {
            // An arithmetic shift: the floor for negative values too.
            const std::int64_t scaled = (z_hat[i] * std::int64_t{mult[c]} + half) >> z_shift_;
            a0[i] = static_cast<std::int16_t>(
                std::clamp<std::int64_t>(scaled, -kInt16Max - 1, kInt16Max));
        }
    }
    return a0;
}

void ScaleNetwork::run(const std::int8_t* z_hat, int level, int height, int width,
                       std::int16_t* index) const {
    const int hz = (height + 3) / 4;
    const int wz = (width + 3) / 4;
    Activations a{hyper_, hz, wz, {}};
    a.data =
        network_input(z_hat, level, static_cast<std::size_t>(hz) * static_cast<std::size_t>(wz));
    if (ops().layer != nullptr) {
        run_packed(*this, a.data, height, width, index);
        return;
    }
    for (std::size_t i = 0; i + 1 < layers_.size(); ++i)
        a = hidden_layer(layers_[i], a);
    last_layer(layers_.back(), a, height, width, index);
}

}  // namespace tcs
