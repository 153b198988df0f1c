// What coding and decoding of whole pictures share: planes, tiles and limits.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tcs/bundle.hpp"
#include "tcs/net.hpp"
#include "tcs/status.hpp"
#include "tcs/tile.hpp"

namespace tcs {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 26;
constexpr int kYStride = 16;

inline int rounded_up(int value, int unit) {
    return (value + unit - 1) / unit * unit;
}

inline void require_model(const Bundle& bundle, const Net& net) {
    if (net.latent != bundle.latent || net.hyper != bundle.hyper)
        throw Error(ErrorCode::argument,
                    "net: expected one of " + std::to_string(bundle.latent) + " and " +
                        std::to_string(bundle.hyper) + " channels as the bundle's, got " +
                        std::to_string(net.latent) + " and " + std::to_string(net.hyper));
}

inline void require_pixels(std::int64_t width, std::int64_t height) {
    if (width * height > kMaxPixels)
        throw Error(ErrorCode::limit, "picture: expected at most 2^26 pixels, got " +
                                          std::to_string(width) + " x " + std::to_string(height));
}

/// Dense planes (channels, height, width).
template <typename T>
struct Planes {
    int channels, height, width;
    std::vector<T> data;

    Planes(int c, int h, int w)
        : channels(c),
          height(h),
          width(w),
          data(static_cast<std::size_t>(c) * static_cast<std::size_t>(h) *
               static_cast<std::size_t>(w)) {}

    T* row(int c, int y, int x) {
        return data.data() +
               (static_cast<std::size_t>(c) * static_cast<std::size_t>(height) +
                static_cast<std::size_t>(y)) *
                   static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x);
    }
};

/// Copies planes whole into larger ones, with their corner at (y, x).
template <typename T>
void paste(Planes<T>& into, Planes<T>& part, int y, int x) {
    for (int c = 0; c < part.channels; ++c)
        for (int i = 0; i < part.height; ++i)
            std::copy_n(part.row(c, i, 0), part.width, into.row(c, y + i, x));
}

/// The inverse of paste.
template <typename T>
void cut(Planes<T>& from, Planes<T>& part, int y, int x) {
    for (int c = 0; c < part.channels; ++c)
        for (int i = 0; i < part.height; ++i)
            std::copy_n(from.row(c, y + i, x), part.width, part.row(c, i, 0));
}

/// Moves all rows up; those above the first are lost, those that come are zero.
template <typename T>
void slide(Planes<T>& planes, int rows) {
    if (rows == 0) return;
    const int kept = std::max(0, planes.height - rows);
    for (int c = 0; c < planes.channels; ++c) {
        T* const first = planes.row(c, 0, 0);
        T* const end = planes.row(c, planes.height, 0);
        T* const behind =
            kept > 0 ? std::copy(planes.row(c, planes.height - kept, 0), end, first) : first;
        std::fill(behind, end, T{});
    }
}

/// Gives each channel one value.
template <typename T>
void fill_channels(Planes<T>& planes, const std::vector<T>& values) {
    for (int c = 0; c < planes.channels; ++c)
        std::fill(planes.row(c, 0, 0), planes.row(c, planes.height, 0),
                  values[static_cast<std::size_t>(c)]);
}

/// Where a tile lies, in pixels.
struct Tile {
    int x, y, width, height;
    TileGrid grid() const {
        return {(height + kYStride - 1) / kYStride, (width + kYStride - 1) / kYStride};
    }
};

inline Tile tile_of(int width, int height, int side, int number) {
    const int across = (width + side - 1) / side;
    const int x = number % across * side, y = number / across * side;
    return {x, y, std::min(side, width - x), std::min(side, height - y)};
}

inline const float* z_gains(const std::vector<float>& gains, const Bundle& bundle, int quality) {
    return gains.data() +
           std::size_t{bundle.z_level_of_quality[static_cast<std::size_t>(quality)]} *
               static_cast<std::size_t>(bundle.hyper);
}

}  // namespace tcs
