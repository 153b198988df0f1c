#include "quantise.hpp"

#include <string>

#include "ops.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

/// Gains of one channel: one number, or one per element under roi.
class Gains {
public:
    Gains(const Bundle& bundle, TileGrid grid, TileQuality quality)
        : table_(bundle.gain_of_step.data() + 128),
          steps_(bundle, grid, quality),
          plane_(steps_.has_roi() ? grid.plane() : 0) {}

    void enter(int c) {
        gain_ = table_[steps_.channel(c)];
        const std::int16_t* steps = steps_.plane(c);
        for (std::size_t i = 0; i < plane_.size(); ++i)
            plane_[i] = table_[steps[i]];
    }
    float gain() const { return gain_; }
    const float* plane() const { return plane_.empty() ? nullptr : plane_.data(); }

private:
    const float* table_;  // indexed by step -128..127
    Steps steps_;
    std::vector<float> plane_;
    float gain_ = 1.0F;
};

}  // namespace

void quantise(const Bundle& bundle, TileGrid grid, TileQuality quality, const float* d,
              const Selection& selection, std::int16_t* out) {
    const std::size_t plane = grid.plane();
    const auto r = buffer<std::int16_t>(plane);
    Gains gains(bundle, grid, quality);
    for (int c = 0; c < bundle.latent; ++c) {
        gains.enter(c);
        const std::size_t channel = static_cast<std::size_t>(c);
        const float* values = d + channel * plane;
        if (!ops().quantise(values, gains.plane(), gains.gain(), plane, r.get()))
            throw Error(ErrorCode::argument,
                        "d: expected finite numbers, got NaN or infinity in "
                        "channel " +
                            std::to_string(c));
        out += ops().pack(r.get(), selection.mask.get() + channel * selection.words, plane, out);
    }
}

}  // namespace tcs
