#include "hyper_rows.hpp"

#include <algorithm>

#include "symbols.hpp"

namespace tcs {

HyperRows::HyperRows(const Bundle& bundle, TileGrid grid)
    : channels_(static_cast<std::size_t>(bundle.hyper)),
      width_(grid.z_width()),
      reach_(bundle.z_contexts / 2),
      line_((1 + width_) * channels_) {}

void HyperRows::next(std::uint8_t* rows) const {
    const std::int8_t* left = line_.data() + x_ * channels_;
    const std::int8_t* above = left + channels_;
    for (std::size_t c = 0; c < channels_; ++c) {
        const int context = std::clamp(left[c] + above[c], -reach_, reach_) + reach_;
        rows[c] = static_cast<std::uint8_t>(static_cast<std::size_t>(context) * channels_ + c);
    }
}

void HyperRows::advance(const std::uint8_t* entries) {
    std::int8_t* here = line_.data() + (x_ + 1) * channels_;
    for (std::size_t c = 0; c < channels_; ++c)
        here[c] = static_cast<std::int8_t>(entries[c] == kEscape ? 0 : entries[c] - kMostHi);
    x_ = x_ + 1 == width_ ? 0 : x_ + 1;
}

}  // namespace tcs
