// d -> r: gain, rounding, and the encoder's dead zone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tile_parts.hpp"

namespace tcs {

/// r of the coded elements in coding order. d: (M, h, w); out: room for selection.coded + 8.
/// Throws Error(argument) for NaN or infinity anywhere in d.
///
/// rdo > 0 is a dead zone by rate: a non-zero r moves one step towards zero when that saves more
/// than it costs. With a = |d * gain|, going from |r| to |r| - 1 adds
/// (a - |r| + 1)^2 - (a - |r|)^2 = 2 (a - |r|) + 1 squared steps of distortion (0 to 2) and saves
/// log2(freq(new) / freq(old)) bits under the element's row; it moves if rdo * bits > distortion.
/// Escaped values and values that share an entry with their neighbour stay.
void quantise(const Bundle& bundle, TileGrid grid, TileQuality quality, const float* d,
              const Selection& selection, float rdo, std::int16_t* out);

}  // namespace tcs
