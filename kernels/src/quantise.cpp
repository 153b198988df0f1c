#include "quantise.hpp"

#include <cmath>
#include <string>

#include "ops.hpp"
#include "symbols.hpp"
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
    float at(std::size_t i) const { return plane_.empty() ? gain_ : plane_[i]; }

private:
    const float* table_;  // indexed by step -128..127
    Steps steps_;
    std::vector<float> plane_;
    float gain_ = 1.0F;
};

/// r after the dead zone, see quantise.hpp. v = d * gain.
std::int16_t shrink(const Bundle& bundle, float rdo, float v, int row, std::int16_t r) {
    const int shift = bundle.r_shift[static_cast<std::size_t>(row)];
    const int nearer = r > 0 ? r - 1 : r + 1;
    const int old_entry = entry_of(r >> shift);
    const int new_entry = entry_of(nearer >> shift);
    if (old_entry == kEscape || old_entry == new_entry) return r;
    const float* bits = bundle.r_log2_freq.data() + row * kRowEntries;
    const float saved = bits[new_entry] - bits[old_entry];
    const float added = 2.0F * (std::fabs(v) - std::fabs(static_cast<float>(r))) + 1.0F;
    return rdo * saved > added ? static_cast<std::int16_t>(nearer) : r;
}

/// The dead zone over one channel's coded elements.
void shrink_channel(const Bundle& bundle, float rdo, const Gains& gains, const float* d,
                    const std::uint64_t* mask, std::size_t plane, const std::uint8_t* rows,
                    std::int16_t* r) {
    for (std::size_t i = 0; i < plane; ++i) {
        if ((mask[i / 64] >> (i % 64) & 1) == 0) continue;
        if (*r != 0) *r = shrink(bundle, rdo, d[i] * gains.at(i), *rows, *r);
        ++r;
        ++rows;
    }
}

}  // namespace

void quantise(const Bundle& bundle, TileGrid grid, TileQuality quality, const float* d,
              const Selection& selection, float rdo, std::int16_t* out) {
    const std::size_t plane = grid.plane();
    const auto r = buffer<std::int16_t>(plane);
    const std::uint8_t* rows = selection.rows.get();
    Gains gains(bundle, grid, quality);
    for (int c = 0; c < bundle.latent; ++c) {
        gains.enter(c);
        const std::size_t channel = static_cast<std::size_t>(c);
        const float* values = d + channel * plane;
        const std::uint64_t* mask = selection.mask.get() + channel * selection.words;
        if (!ops().quantise(values, gains.plane(), gains.gain(), plane, r.get()))
            throw Error(ErrorCode::argument,
                        "d: expected finite numbers, got NaN or infinity in "
                        "channel " +
                            std::to_string(c));
        const std::size_t coded = ops().pack(r.get(), mask, plane, out);
        if (rdo > 0) shrink_channel(bundle, rdo, gains, values, mask, plane, rows, out);
        out += coded;
        rows += coded;
    }
}

}  // namespace tcs
