// Layers between slots: sums by the table of ops.hpp, and their way to where they go.
#include <algorithm>
#include <cstring>

#include "net_parts.hpp"
#include "ops.hpp"

namespace tcs {
namespace {

/// The place in a row of `side` elements of one that may lie beyond its ends; -1: the border value.
int place_of(int at, int side, bool replicate) {
    if (at >= 0 && at < side) return at;
    return replicate ? std::clamp(at, 0, side - 1) : -1;
}

/// Stores the values of position (y, x), one per channel, at their places behind depth-to-space.
template <typename Element>
void store_all(const LinearCall& call, int y, int x, const std::int32_t* values) {
    const std::size_t f = static_cast<std::size_t>(call.layer->factor);
    const std::size_t channels = static_cast<std::size_t>(call.out.channels);
    const std::int32_t low = call.layer->low, high = call.layer->high;
    for (std::size_t part = 0; part < f * f; ++part) {
        const std::size_t row = static_cast<std::size_t>(y) * f + part / f;
        const std::size_t column = static_cast<std::size_t>(x) * f + part % f;
        const std::size_t at = (row * static_cast<std::size_t>(call.out.width) + column) * channels;
        Element* const out = reinterpret_cast<Element*>(call.out.data) + at;
        const std::int16_t* const with = call.with == nullptr ? nullptr : call.with + at;
        const std::int32_t* const from = values + part;
        for (std::size_t c = 0; c < channels; ++c) {
            const std::int32_t value = from[c * f * f] + (with == nullptr ? 0 : with[c]);
            out[c] = static_cast<Element>(std::clamp(value, low, high));
        }
    }
}

/// Brings the sums of position (y, x) to the grid of the output, in place, and stores them.
void put(const LinearCall& call, int y, int x, std::int32_t* sums) {
    const NetLayer& layer = *call.layer;
    ops().requantise(sums, layer.mult.data(), layer.shift, layer.zero, layer.mult.size());
    layer.wide ? store_all<std::int16_t>(call, y, x, sums)
               : store_all<std::uint8_t>(call, y, x, sums);
}

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

void dots(const std::uint8_t* a, const NetLayer& layer, std::size_t count, std::int32_t* sums) {
    ops().dots(a, layer.weight.data(), count, static_cast<std::size_t>(layer.cout), sums);
}

void dots(const std::int16_t* a, const NetLayer& layer, std::size_t count, std::int32_t* sums) {
    ops().wide_dots(a, layer.weight.data(), count, static_cast<std::size_t>(layer.cout), sums);
}

void taps(const std::uint8_t* patch, const NetLayer& layer, std::size_t count, std::int32_t* sums) {
    ops().taps(patch, layer.weight.data(), count, static_cast<std::size_t>(layer.cin), sums);
}

void taps(const std::int16_t* patch, const NetLayer& layer, std::size_t count, std::int32_t* sums) {
    const std::size_t channels = static_cast<std::size_t>(layer.cin);
    for (std::size_t i = 0; i < count * channels; ++i)
        sums[i % channels] += std::int32_t{patch[i]} * layer.weight[i];
}

/// No partial sum leaves int32, in whatever order: the bound proved at opening counts every term by
/// its magnitude.
template <typename Element, bool Depthwise>
void convolve(const LinearCall& call, NetWorkspace& workspace) {
    const NetLayer& layer = *call.layer;
    const std::size_t window = static_cast<std::size_t>(layer.kernel * layer.kernel);
    const std::size_t count = window * static_cast<std::size_t>(layer.cin);
    workspace.patch.resize(std::max(workspace.patch.size(), count * sizeof(Element)));
    workspace.sums.resize(std::max(workspace.sums.size(), layer.bias.size()));
    Element* const patch = reinterpret_cast<Element*>(workspace.patch.data());
    std::int32_t* const sums = workspace.sums.data();
    for (int y = 0; y < call.in.height / layer.stride; ++y) {
        for (int x = 0; x < call.in.width / layer.stride; ++x) {
            gather(layer, call.in, y, x, patch);
            std::copy(layer.bias.begin(), layer.bias.end(), sums);
            if constexpr (Depthwise)
                taps(patch, layer, window, sums);
            else
                dots(patch, layer, count, sums);
            put(call, y, x, sums);
        }
    }
}

template <typename Element>
void requantise(const LinearCall& call, NetWorkspace& workspace) {
    const std::size_t channels = static_cast<std::size_t>(call.layer->cin);
    workspace.sums.resize(std::max(workspace.sums.size(), channels));
    const Element* in = reinterpret_cast<const Element*>(call.in.data);
    for (int y = 0; y < call.in.height; ++y) {
        for (int x = 0; x < call.in.width; ++x, in += channels) {
            std::copy_n(in, channels, workspace.sums.begin());
            put(call, y, x, workspace.sums.data());
        }
    }
}

}  // namespace

void run_conv(const LinearCall& call, NetWorkspace& workspace) {
    call.layer->wide_input ? convolve<std::int16_t, false>(call, workspace)
                           : convolve<std::uint8_t, false>(call, workspace);
}

void run_depthwise(const LinearCall& call, NetWorkspace& workspace) {
    call.layer->wide_input ? convolve<std::int16_t, true>(call, workspace)
                           : convolve<std::uint8_t, true>(call, workspace);
}

void run_requantise(const LinearCall& call, NetWorkspace& workspace) {
    call.layer->wide_input ? requantise<std::int16_t>(call, workspace)
                           : requantise<std::uint8_t>(call, workspace);
}

}  // namespace tcs
