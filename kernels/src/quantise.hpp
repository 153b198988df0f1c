// d -> r: gain and rounding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tile_parts.hpp"

namespace tcs {

/// r of the coded elements in coding order. d: (M, h, w); out: room for selection.coded + 8.
/// Throws Error(argument) for NaN or infinity anywhere in d.
void quantise(const Bundle& bundle, TileGrid grid, TileQuality quality, const float* d,
              const Selection& selection, std::int16_t* out);

}  // namespace tcs
