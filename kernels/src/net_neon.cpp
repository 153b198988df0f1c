// Dot products and depthwise sums of the integer engine.
#include <arm_neon.h>

#include "neon.hpp"
#include "net_tails.hpp"

namespace tcs::neon {
namespace {

constexpr std::size_t kLanes = 8;  // int16 elements of a register

inline int16x8_t load(const std::uint8_t* a) {
    return vreinterpretq_s16_u16(vmovl_u8(vld1_u8(a)));
}

inline int16x8_t load(const std::int16_t* a) {
    return vld1q_s16(a);
}

inline int16x8_t load(const std::int8_t* w) {
    return vmovl_s8(vld1_s8(w));
}

template <typename Element>
static void four_dots(const Element* a, const std::int8_t* w, std::size_t count,
                      std::int32_t* sums) {
    const std::size_t whole = count / kLanes * kLanes;
    int32x4_t all[kDotRows] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
    for (std::size_t i = 0; i < whole; i += kLanes) {
        const int16x8_t given = load(a + i);
        for (std::size_t n = 0; n < kDotRows; ++n) {
            const int16x8_t row = load(w + n * count + i);
            all[n] = vmlal_s16(all[n], vget_low_s16(given), vget_low_s16(row));
            all[n] = vmlal_high_s16(all[n], given, row);
        }
    }
    for (std::size_t n = 0; n < kDotRows; ++n)
        sums[n] += vaddvq_s32(all[n]) + dot_from(whole, a, w + n * count, count);
}

}  // namespace

void dots(const std::uint8_t* a, const std::int8_t* w, std::size_t count, std::size_t rows,
          std::int32_t* sums) {
    dots_by_four(a, w, count, rows, sums, four_dots<std::uint8_t>);
}

void wide_dots(const std::int16_t* a, const std::int8_t* w, std::size_t count, std::size_t rows,
               std::int32_t* sums) {
    dots_by_four(a, w, count, rows, sums, four_dots<std::int16_t>);
}

void taps(const std::uint8_t* patch, const std::int8_t* w, std::size_t taps, std::size_t channels,
          std::int32_t* sums) {
    std::size_t c = 0;
    for (; c + kLanes <= channels; c += kLanes) {
        int32x4_t low = vld1q_s32(sums + c), high = vld1q_s32(sums + c + 4);
        for (std::size_t t = 0; t < taps; ++t) {
            const int16x8_t given = load(patch + t * channels + c);
            const int16x8_t row = load(w + t * channels + c);
            low = vmlal_s16(low, vget_low_s16(given), vget_low_s16(row));
            high = vmlal_high_s16(high, given, row);
        }
        vst1q_s32(sums + c, low);
        vst1q_s32(sums + c + 4, high);
    }
    taps_from(c, patch, w, taps, channels, sums);
}

void requantise(std::int32_t* sums, const std::int32_t* mult, int shift, std::int32_t zero,
                std::size_t count) {
    const int64x2_t by = vdupq_n_s64(-shift);
    std::size_t c = 0;
    for (; c + 4 <= count; c += 4) {
        const int32x4_t s = vld1q_s32(sums + c), m = vld1q_s32(mult + c);
        const int64x2_t low = vrshlq_s64(vmull_s32(vget_low_s32(s), vget_low_s32(m)), by);
        const int64x2_t high = vrshlq_s64(vmull_high_s32(s, m), by);
        vst1q_s32(sums + c,
                  vaddq_s32(vcombine_s32(vmovn_s64(low), vmovn_s64(high)), vdupq_n_s32(zero)));
    }
    for (; c < count; ++c)
        sums[c] =
            static_cast<std::int32_t>(
                (std::int64_t{sums[c]} * mult[c] + (std::int64_t{1} << (shift - 1))) >> shift) +
            zero;
}

}  // namespace tcs::neon
