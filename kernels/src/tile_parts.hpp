// What the encoder and the decoder of a tile share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tcs/tile.hpp"

namespace tcs {

/// Memory for `count` elements, not initialised: large arrays that are written before they are
/// read.
template <class T>
std::unique_ptr<T[]> buffer(std::size_t count) {
    return std::unique_ptr<T[]>(new T[count]);
}

/// Throws Error(argument) for a grid or a quality out of range.
void check_tile(TileGrid grid, TileQuality quality);

/// Steps of one quality, channel by channel: steps[quality][c] + roi, saturated to int8.
class Steps {
public:
    Steps(const Bundle& bundle, TileGrid grid, TileQuality quality);

    int channel(int c) const { return steps_[c]; }
    bool has_roi() const { return roi_ != nullptr; }
    /// The (height, width) steps of channel c; null without roi. Valid until the next call.
    const std::int16_t* plane(int c);

private:
    const std::int8_t* steps_;
    const std::int8_t* roi_;
    std::vector<std::int16_t> plane_;
};

/// Which elements of r are coded, and under which rows.
struct Selection {
    std::size_t words = 0;                  // mask words per channel
    std::unique_ptr<std::uint64_t[]> mask;  // (M, words), see SelectJob
    std::unique_ptr<std::uint8_t[]> rows;   // (coded,) in coding order
    std::size_t coded = 0;
};

/// Runs the scale network on z_hat (C_z, hz, wz) and selects.
Selection select_elements(const Bundle& bundle, TileGrid grid, TileQuality quality,
                          const std::int8_t* z_hat, int skip);

/// Shifts of z_hat's rows: none has raw low bits.
extern const std::uint8_t kNoShift[kMaxRows];

}  // namespace tcs
