// Tile payload: z_hat and r <-> bytes. One call each way.
//
// Payload: u8 (bits 0-1 lane code: 0 = 1 lane, 1 = 8, 2 = 32, 3 reserved; bits 2-7 skip index),
// then one rANS stream (rans.hpp) of four segments: the entries of z_hat (raster order c, h, w),
// z's bypass, the entries of r (c, h, w; coded elements only), r's bypass. Bypass symbols use lane
// 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tcs/bundle.hpp"

namespace tcs {

/// Largest side of a tile's y grid: tiles are at most 255 * 64 pixels a side.
constexpr int kMaxGrid = 1020;

/// Size of the y grid in elements. The z grid is ceil(height / 4) x ceil(width / 4).
struct TileGrid {
    int height = 0;  // 1..kMaxGrid
    int width = 0;   // 1..kMaxGrid
    std::size_t plane() const noexcept {
        return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    }
    std::size_t z_width() const noexcept { return static_cast<std::size_t>((width + 3) / 4); }
    std::size_t z_plane() const noexcept {
        return static_cast<std::size_t>((height + 3) / 4) * z_width();
    }
};

/// What shapes an element's index besides the scale network. step = steps[quality][c] + roi,
/// saturated to -128..127, both for the index and for the gain.
struct TileQuality {
    int quality = 0;                   // 0..63
    const std::int8_t* roi = nullptr;  // (height, width) or null
};

/// Choices that only the encoder has.
struct TileOptions {
    int skip = -1;  // 0..63; -1: the bundle's default
    int lanes = 0;  // 1 or 8; 0: by the number of coded symbols
};

/// Codes z_hat (C_z, hz, wz) int8 in -127..127 and d (M, h, w) float32. r = round-half-even(d *
/// gain) where the index reaches skip, else 0. Throws Error(argument) for anything out of range,
/// NaN or infinity in d.
std::vector<std::uint8_t> encode_tile(const Bundle& bundle, TileGrid grid, TileQuality quality,
                                      const std::int8_t* z_hat, const float* d,
                                      const TileOptions& options = {});

/// The same with r (M, h, w) int16 given; r under the skip index is not coded and decodes to 0.
std::vector<std::uint8_t> encode_tile(const Bundle& bundle, TileGrid grid, TileQuality quality,
                                      const std::int8_t* z_hat, const std::int16_t* r,
                                      const TileOptions& options = {});

/// Fills z_hat (C_z, hz, wz) and r (M, h, w) whole. Any payload is safe: Error(corrupt) if it is
/// damaged (what was written to the outputs by then is unspecified), Error(argument) for grid or
/// quality out of range.
void decode_tile(const Bundle& bundle, TileGrid grid, TileQuality quality,
                 const std::uint8_t* payload, std::size_t size, std::int8_t* z_hat,
                 std::int16_t* r);

/// Inverse gains for the synthesis graph: (M,) if quality.roi is null, else (M, h, w).
/// Throws Error(argument) for quality or grid out of range (the grid is not read without roi).
void inverse_gain(const Bundle& bundle, TileGrid grid, TileQuality quality, float* out);

}  // namespace tcs
