// Layers between slots in plain C++: the specification of every faster variant.
#include <algorithm>
#include <cstring>

#include "net_parts.hpp"

namespace tcs {
namespace {

/// The place in a row of `side` elements of one that may lie beyond its ends; -1: the border value.
int place_of(int at, int side, bool replicate) {
    if (at >= 0 && at < side) return at;
    return replicate ? std::clamp(at, 0, side - 1) : -1;
}

std::int32_t requantised(const NetLayer& layer, std::size_t channel, std::int32_t sum) {
    const std::int64_t product = std::int64_t{sum} * layer.mult[channel];
    return static_cast<std::int32_t>(rounded_shift(product, layer.shift)) + layer.zero;
}

/// Where the results of a layer go: channel c of position (y, x) to its place behind
/// depth-to-space.
class Output {
public:
    explicit Output(const LinearCall& call) : call_(call) {}

    void put(int y, int x, std::size_t channel, std::int32_t sum) const {
        const NetLayer& layer = *call_.layer;
        const std::size_t f = static_cast<std::size_t>(layer.factor);
        const std::size_t row = static_cast<std::size_t>(y) * f + channel / f % f;
        const std::size_t column = static_cast<std::size_t>(x) * f + channel % f;
        const std::size_t at = (row * static_cast<std::size_t>(call_.out.width) + column) *
                                   static_cast<std::size_t>(call_.out.channels) +
                               channel / (f * f);
        std::int32_t value = requantised(layer, channel, sum);
        if (call_.with != nullptr) value += call_.with[at];
        value = std::clamp(value, layer.low, layer.high);
        if (layer.wide) {
            reinterpret_cast<std::int16_t*>(call_.out.data)[at] = static_cast<std::int16_t>(value);
        } else {
            call_.out.data[at] = static_cast<std::uint8_t>(value);
        }
    }

private:
    const LinearCall& call_;
};

/// Copies what a filter at output (y, x) sees: (kernel, kernel, channels).
template <typename Element>
void gather(const NetLayer& layer, const NetPlanes& in, int y, int x, Element* patch) {
    const std::size_t channels = static_cast<std::size_t>(in.channels);
    const Element* const data = reinterpret_cast<const Element*>(in.data);
    for (int ky = 0; ky < layer.kernel; ++ky) {
        const int row = place_of(y * layer.stride + ky - layer.pad, in.height, layer.replicate);
        for (int kx = 0; kx < layer.kernel; ++kx) {
            const int col = place_of(x * layer.stride + kx - layer.pad, in.width, layer.replicate);
            if (row < 0 || col < 0) {
                std::fill_n(patch, channels, static_cast<Element>(layer.border));
            } else {
                const std::size_t at =
                    static_cast<std::size_t>(row) * static_cast<std::size_t>(in.width) +
                    static_cast<std::size_t>(col);
                std::memcpy(patch, data + at * channels, channels * sizeof(Element));
            }
            patch += channels;
        }
    }
}

/// No partial sum leaves int32: the bound proved at opening counts every term by its magnitude.
template <typename Element>
std::int32_t dot(const Element* a, const std::int8_t* w, std::size_t count) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < count; ++i)
        sum += std::int32_t{static_cast<std::int16_t>(a[i])} * std::int16_t{w[i]};
    return sum;
}

template <typename Element>
void conv(const LinearCall& call, NetWorkspace& workspace) {
    const NetLayer& layer = *call.layer;
    const std::size_t count = static_cast<std::size_t>(layer.kernel * layer.kernel * layer.cin);
    workspace.patch.resize(std::max(workspace.patch.size(), count * sizeof(Element)));
    Element* const patch = reinterpret_cast<Element*>(workspace.patch.data());
    const Output output(call);
    for (int y = 0; y < call.in.height / layer.stride; ++y) {
        for (int x = 0; x < call.in.width / layer.stride; ++x) {
            gather(layer, call.in, y, x, patch);
            for (std::size_t c = 0; c < static_cast<std::size_t>(layer.cout); ++c)
                output.put(y, x, c,
                           layer.bias[c] + dot(patch, layer.weight.data() + c * count, count));
        }
    }
}

template <typename Element>
void depthwise(const LinearCall& call, NetWorkspace& workspace) {
    const NetLayer& layer = *call.layer;
    const std::size_t channels = static_cast<std::size_t>(layer.cin);
    const std::size_t taps = static_cast<std::size_t>(layer.kernel * layer.kernel);
    workspace.patch.resize(std::max(workspace.patch.size(), taps * channels * sizeof(Element)));
    workspace.sums.resize(std::max(workspace.sums.size(), channels));
    Element* const patch = reinterpret_cast<Element*>(workspace.patch.data());
    const Output output(call);
    for (int y = 0; y < call.in.height / layer.stride; ++y) {
        for (int x = 0; x < call.in.width / layer.stride; ++x) {
            gather(layer, call.in, y, x, patch);
            std::int32_t* const sums = workspace.sums.data();
            std::copy(layer.bias.begin(), layer.bias.end(), sums);
            for (std::size_t t = 0; t < taps; ++t)
                for (std::size_t c = 0; c < channels; ++c)
                    sums[c] +=
                        std::int32_t{patch[t * channels + c]} * layer.weight[t * channels + c];
            for (std::size_t c = 0; c < channels; ++c)
                output.put(y, x, c, sums[c]);
        }
    }
}

template <typename Element>
void requantise(const LinearCall& call) {
    const std::size_t channels = static_cast<std::size_t>(call.layer->cin);
    const Element* in = reinterpret_cast<const Element*>(call.in.data);
    const Output output(call);
    for (int y = 0; y < call.in.height; ++y)
        for (int x = 0; x < call.in.width; ++x)
            for (std::size_t c = 0; c < channels; ++c)
                output.put(y, x, c, std::int32_t{*in++});
}

}  // namespace

void run_conv(const LinearCall& call, NetWorkspace& workspace) {
    call.layer->wide_input ? conv<std::int16_t>(call, workspace)
                           : conv<std::uint8_t>(call, workspace);
}

void run_depthwise(const LinearCall& call, NetWorkspace& workspace) {
    call.layer->wide_input ? depthwise<std::int16_t>(call, workspace)
                           : depthwise<std::uint8_t>(call, workspace);
}

void run_requantise(const LinearCall& call, NetWorkspace&) {
    call.layer->wide_input ? requantise<std::int16_t>(call) : requantise<std::uint8_t>(call);
}

}  // namespace tcs
