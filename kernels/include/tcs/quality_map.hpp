// Quality maps: one step offset per 16 x 16 block of a tile, coded as runs (chunk 0x05).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcs {

/// Longest side of a map in blocks: that of the largest tile, 16320 / 16.
constexpr std::size_t kMaxMapSide = 1020;

/// Codes height x width offsets, raster order, as runs in Exp-Golomb codes
/// (docs/reference/format.md, 2.3). REQUIRES: map points at height * width values. Throws
/// Error(argument) when a side is outside 1..kMaxMapSide.
std::vector<std::uint8_t> encode_quality_map(const std::int8_t* map, std::size_t height,
                                             std::size_t width);

/// Reads `size` bytes into height * width offsets. Accepts only what encode_quality_map writes:
/// the largest unit, neighbouring runs that differ, no zeros at the end, no byte too many.
/// REQUIRES: map has room for height * width values.
/// Throws Error: argument (sides), truncated, corrupt, trailing.
void decode_quality_map(const std::uint8_t* data, std::size_t size, std::size_t height,
                        std::size_t width, std::int8_t* map);

}  // namespace tcs
