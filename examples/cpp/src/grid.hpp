// Where tiles lie on a picture and on the latent grids.
#pragma once

#include <vector>

namespace example {

constexpr int kZStride = 64;  // pixels per position of z
constexpr int kYStride = 16;  // pixels per position of y and r

inline int ceil_div(int value, int divisor) {
    return (value + divisor - 1) / divisor;
}

// A rectangle of pixels or of grid positions.
struct Box {
    int x = 0;
    int y = 0;
    int width = 0;
    int height = 0;

    int right() const { return x + width; }
    int bottom() const { return y + height; }

    // The common part; its width or height is 0 where there is none.
    Box overlap(const Box& other) const;
    // `margin` more on each side, as far as `bounds` reach.
    Box grown(int margin, const Box& bounds) const;
    // The grid positions that cover the box. REQUIRES x and y to be multiples of the stride.
    Box on_grid(int stride) const;
    // The same box, seen from the corner of another.
    Box within(const Box& other) const { return {x - other.x, y - other.y, width, height}; }
};

// The tiles of a picture, in raster order.
struct TileGrid {
    int width = 0;
    int height = 0;
    int side = 0;  // of a tile, a multiple of 64

    Box picture() const { return {0, 0, width, height}; }
    int columns() const { return ceil_div(width, side); }
    int count() const { return columns() * ceil_div(height, side); }
    Box tile(int index) const;
    // The tiles within `halo` pixels of a tile, itself included.
    std::vector<int> around(int index, int halo) const;
};

}  // namespace example
