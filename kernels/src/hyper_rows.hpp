// Under which row each element of z_hat is coded: its channel, and what lies left of it and above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tcs/tile.hpp"

namespace tcs {

/// Walks z_hat position by position in raster order, as encoder and decoder both do. All channels
/// of a position depend on earlier positions alone, so that they are one segment of the coder.
class HyperRows {
public:
    HyperRows(const Bundle& bundle, TileGrid grid);

    /// Writes the rows (C_z,) of the next position.
    void next(std::uint8_t* rows) const;
    /// Goes on behind the position of the last `next`, whose entries (C_z,) are these.
    void advance(const std::uint8_t* entries);

private:
    std::size_t channels_;
    std::size_t width_;
    int reach_;  // contexts are the sums of two neighbours, clamped to -reach..reach
    std::size_t x_ = 0;
    // (1 + wz, C_z): before position x of a row, columns up to x hold this row, the others the one
    // above; column 0 is the zeros left of every row.
    std::vector<std::int8_t> line_;
};

}  // namespace tcs
