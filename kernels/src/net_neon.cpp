// Dot products, depthwise sums and requantisation of the integer engine.
#include <arm_neon.h>

#include "neon.hpp"
#include "net_tails.hpp"

namespace tcs::neon {
namespace {

constexpr std::size_t kRows = 4;  // whose sums stay in registers
constexpr std::size_t kLanes = 8;

// Sums of one block of outputs.
template <std::size_t Rows>
struct Block {
    int32x4_t all[Rows][4];

    void add(const std::int8_t* w, const int16x4_t* by) {
        const int8x16_t bytes = vld1q_s8(w);
        const int16x8_t low = vmovl_s8(vget_low_s8(bytes)), high = vmovl_high_s8(bytes);
        for (std::size_t p = 0; p < Rows; ++p) {
            all[p][0] = vmlal_s16(all[p][0], vget_low_s16(low), by[p]);
            all[p][1] = vmlal_s16(all[p][1], vget_high_s16(low), by[p]);
            all[p][2] = vmlal_s16(all[p][2], vget_low_s16(high), by[p]);
            all[p][3] = vmlal_s16(all[p][3], vget_high_s16(high), by[p]);
        }
    }

    // Element Lane of four of each row.
    template <int Lane>
    void add_lane(const std::int8_t* w, const int16x4_t* four) {
        int16x4_t by[Rows];
        for (std::size_t p = 0; p < Rows; ++p)
            by[p] = vdup_lane_s16(four[p], Lane);
        add(w + Lane * static_cast<int>(kDotBlock), by);
    }
};

template <std::size_t Rows>
static inline void block_of(const DotsJob& job, std::size_t from, std::size_t b) {
    const std::int16_t* row = static_cast<const std::int16_t*>(job.rows) + from * job.stride;
    const std::int8_t* w = job.weight + b * job.groups * kDotBlock;
    Block<Rows> block;
    for (std::size_t p = 0; p < Rows; ++p)
        for (std::size_t i = 0; i < 4; ++i)
            block.all[p][i] = vld1q_s32(job.bias + b * kDotBlock + 4 * i);
    std::size_t g = 0;
    int16x4_t four[Rows];
    for (; g + 4 <= job.groups; g += 4, row += 4, w += 4 * kDotBlock) {
        for (std::size_t p = 0; p < Rows; ++p)
            four[p] = vld1_s16(row + p * job.stride);
        block.template add_lane<0>(w, four);
        block.template add_lane<1>(w, four);
        block.template add_lane<2>(w, four);
        block.template add_lane<3>(w, four);
    }
    for (; g < job.groups; ++g, ++row, w += kDotBlock) {
        for (std::size_t p = 0; p < Rows; ++p)
            four[p] = vdup_n_s16(row[p * job.stride]);
        block.add(w, four);
    }
    for (std::size_t p = 0; p < Rows; ++p)
        for (std::size_t i = 0; i < 4; ++i)
            vst1q_s32(job.sums + (from + p) * job.sums_stride + b * kDotBlock + 4 * i,
                      block.all[p][i]);
}

template <std::size_t Rows>
static inline void rows_of(const DotsJob& job, std::size_t from) {
    for (std::size_t b = 0; b < job.blocks; ++b)
        block_of<Rows>(job, from, b);
}

inline int16x8_t load(const std::uint8_t* a) {
    return vreinterpretq_s16_u16(vmovl_u8(vld1_u8(a)));
}

inline int16x8_t load(const std::int16_t* a) {
    return vld1q_s16(a);
}

template <typename Element>
static inline void all_taps(const TapsJob& job) {
    for (std::size_t c = 0; c < job.channels; c += kLanes) {
        int32x4_t low = vld1q_s32(job.bias + c), high = vld1q_s32(job.bias + c + 4);
        const std::int8_t* w = job.weight + c;
        for (std::size_t t = 0; t < job.taps; ++t, w += job.channels) {
            const int16x8_t given = load(static_cast<const Element*>(job.rows[t]) + c);
            const int16x8_t by = vmovl_s8(vld1_s8(w));
            low = vmlal_s16(low, vget_low_s16(given), vget_low_s16(by));
            high = vmlal_high_s16(high, given, by);
        }
        vst1q_s32(job.sums + c, low);
        vst1q_s32(job.sums + c + 4, high);
    }
}

// Four results of one position; rounding shifts add the half without a carry lost.
static inline int32x4_t finished(const FinishJob& job, const std::int32_t* sums, std::size_t c) {
    const int64x2_t by = vdupq_n_s64(-job.shift);
    const int32x4_t s = vld1q_s32(sums + c), m = vld1q_s32(job.mult + c);
    const int64x2_t low = vrshlq_s64(vmull_s32(vget_low_s32(s), vget_low_s32(m)), by);
    const int64x2_t high = vrshlq_s64(vmull_high_s32(s, m), by);
    return vaddq_s32(vcombine_s32(vmovn_s64(low), vmovn_s64(high)), vdupq_n_s32(job.zero));
}

static inline int16x4_t clamped(const FinishJob& job, int32x4_t value) {
    return vmovn_s32(vminq_s32(vmaxq_s32(value, vdupq_n_s32(job.low)), vdupq_n_s32(job.high)));
}

inline void store(std::int16_t* out, int16x8_t values) {
    vst1q_s16(out, values);
}

inline void store(std::uint8_t* out, int16x8_t values) {
    vst1_u8(out, vqmovun_s16(values));
}

template <typename Element>
static inline void finish_all(const FinishJob& job, Element* out) {
    for (std::size_t p = 0; p < job.positions; ++p) {
        const std::int32_t* const sums = job.sums + p * job.sums_stride;
        std::size_t c = 0;
        for (; c + kLanes <= job.count; c += kLanes) {
            int32x4_t low = finished(job, sums, c), high = finished(job, sums, c + 4);
            if (job.with != nullptr) {
                const int16x8_t with = vld1q_s16(job.with + p * job.count + c);
                low = vaddw_s16(low, vget_low_s16(with));
                high = vaddw_high_s16(high, with);
            }
            store(out + p * job.count + c, vcombine_s16(clamped(job, low), clamped(job, high)));
        }
        finish_from(c, job, p, out);
    }
}

}  // namespace

void wide_dots(const DotsJob& job) {
    std::size_t p = 0;
    for (; p + kRows <= job.positions; p += kRows)
        rows_of<kRows>(job, p);
    for (; p < job.positions; ++p)
        rows_of<1>(job, p);
}

void taps(const TapsJob& job) {
    all_taps<std::uint8_t>(job);
}

void wide_taps(const TapsJob& job) {
    all_taps<std::int16_t>(job);
}

void finish(const FinishJob& job, std::uint8_t* out) {
    finish_all(job, out);
}

void wide_finish(const FinishJob& job, std::int16_t* out) {
    finish_all(job, out);
}

}  // namespace tcs::neon
