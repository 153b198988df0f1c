#include "tcs/tile.hpp"

#include <algorithm>
#include <string>

#include "ops.hpp"
#include "tcs/status.hpp"
#include "tile_parts.hpp"

namespace tcs {

const std::uint8_t kNoShift[kMaxRows] = {};

void check_tile(TileGrid grid, TileQuality quality) {
    if (grid.height < 1 || grid.height > kMaxGrid || grid.width < 1 || grid.width > kMaxGrid)
        throw Error(ErrorCode::argument, "tile grid: expected 1.." + std::to_string(kMaxGrid) +
                                             " elements a side, got " +
                                             std::to_string(grid.height) + " x " +
                                             std::to_string(grid.width));
    if (quality.quality < 0 || quality.quality >= kQualities)
        throw Error(ErrorCode::argument,
                    "quality: expected 0..63, got " + std::to_string(quality.quality));
}

Steps::Steps(const Bundle& bundle, TileGrid grid, TileQuality quality)
    : steps_(bundle.steps.data() +
             static_cast<std::size_t>(quality.quality) * static_cast<std::size_t>(bundle.latent)),
      roi_(quality.roi),
      plane_(quality.roi != nullptr ? grid.plane() : 0) {}

const std::int16_t* Steps::plane(int c) {
    if (roi_ == nullptr) return nullptr;
    for (std::size_t i = 0; i < plane_.size(); ++i)
        plane_[i] = static_cast<std::int16_t>(std::clamp(steps_[c] + roi_[i], -128, 127));
    return plane_.data();
}

Selection select_elements(const Bundle& bundle, TileGrid grid, TileQuality quality,
                          const std::int8_t* z_hat, int skip) {
    const std::size_t latent = static_cast<std::size_t>(bundle.latent);
    const std::size_t plane = grid.plane();
    const auto index = buffer<std::int16_t>(latent * plane);
    const int level = bundle.z_level_of_quality[static_cast<std::size_t>(quality.quality)];
    bundle.scale_network.run(z_hat, level, grid.height, grid.width, index.get());

    Selection selection;
    selection.words = (plane + 63) / 64;
    selection.mask = buffer<std::uint64_t>(latent * selection.words);
    selection.rows = buffer<std::uint8_t>(latent * plane + 16);
    Steps steps(bundle, grid, quality);
    for (std::size_t c = 0; c < latent; ++c) {
        const int channel = static_cast<int>(c);
        selection.coded += ops().select(SelectJob{
            index.get() + c * plane, steps.plane(channel), steps.channel(channel), skip, plane,
            selection.mask.get() + c * selection.words, selection.rows.get() + selection.coded});
    }
    return selection;
}

void inverse_gain(const Bundle& bundle, TileGrid grid, TileQuality quality, float* out) {
    check_tile(quality.roi != nullptr ? grid : TileGrid{1, 1}, quality);
    Steps steps(bundle, grid, quality);
    const auto inverse = [&bundle](int step) {
        return bundle.inverse_of_step[static_cast<std::size_t>(step + 128)];
    };
    for (int c = 0; c < bundle.latent; ++c) {
        const std::int16_t* plane = steps.plane(c);
        if (plane == nullptr) {
            *out++ = inverse(steps.channel(c));
        } else {
            out = std::transform(plane, plane + grid.plane(), out, inverse);
        }
    }
}

}  // namespace tcs
