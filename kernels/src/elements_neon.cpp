// Selecting, quantising, packing and unpacking the elements of r.
#include <arm_neon.h>

#include "neon.hpp"
#include "shuffles.hpp"

namespace tcs::neon {
namespace {

// Element numbers 0..7, or 0x80 for none, to the byte numbers of int16 elements; a table lookup
// gives zero for every number above 15.
inline uint8x16_t byte_pairs(std::uint64_t numbers) {
    const uint8x8_t n = vcreate_u8(numbers);
    const uint8x8_t low = vorr_u8(vadd_u8(n, n), vand_u8(n, vdup_n_u8(0x80)));
    const uint8x8x2_t pairs = vzip_u8(low, vorr_u8(low, vdup_n_u8(1)));
    return vcombine_u8(pairs.val[0], pairs.val[1]);
}

inline int16x8_t shuffle(int16x8_t v, std::uint64_t numbers) {
    return vreinterpretq_s16_u8(vqtbl1q_u8(vreinterpretq_u8_s16(v), byte_pairs(numbers)));
}

inline unsigned count_bits(unsigned byte) {
    return static_cast<unsigned>(__builtin_popcount(byte));
}

std::size_t select_one(const SelectJob& job, std::size_t i, std::uint8_t* out) {
    int total = job.index[i] + (job.steps != nullptr ? job.steps[i] : job.step);
    total = total < 0 ? 0 : total > 63 ? 63 : total;
    if (total < job.skip) return 0;
    job.mask[i / 64] |= std::uint64_t{1} << (i % 64);
    *out = static_cast<std::uint8_t>(total);
    return 1;
}

// Eight quantised elements, and the largest magnitude of their bits so far.
inline int16x8_t quantise8(const float* d, float32x4_t gain_low, float32x4_t gain_high,
                           uint32x4_t& most) {
    const float32x4_t low = vdupq_n_f32(-32768.0F);
    const float32x4_t high = vdupq_n_f32(32767.0F);
    const uint32x4_t magnitude = vdupq_n_u32(0x7FFFFFFFU);
    const float32x4_t a = vld1q_f32(d);
    const float32x4_t b = vld1q_f32(d + 4);
    most = vmaxq_u32(most, vandq_u32(vreinterpretq_u32_f32(a), magnitude));
    most = vmaxq_u32(most, vandq_u32(vreinterpretq_u32_f32(b), magnitude));
    // vcvtn rounds half to even.
    const int32x4_t ra = vcvtnq_s32_f32(vminq_f32(vmaxq_f32(vmulq_f32(a, gain_low), low), high));
    const int32x4_t rb = vcvtnq_s32_f32(vminq_f32(vmaxq_f32(vmulq_f32(b, gain_high), low), high));
    return vcombine_s16(vqmovn_s32(ra), vqmovn_s32(rb));
}

}  // namespace

std::size_t select(const SelectJob& job) {
    const int16x8_t step = vdupq_n_s16(static_cast<std::int16_t>(job.step));
    const int16x8_t skip = vdupq_n_s16(static_cast<std::int16_t>(job.skip));
    const uint8x8_t weight = vcreate_u8(0x8040201008040201U);
    std::uint8_t* out = job.rows;
    for (std::size_t w = 0; w < (job.count + 63) / 64; ++w)
        job.mask[w] = 0;
    std::size_t i = 0;
    for (; i + 8 <= job.count; i += 8) {
        const int16x8_t s = job.steps != nullptr ? vld1q_s16(job.steps + i) : step;
        // The sum saturates at int16, far outside 0..63: the clamp gives the same.
        const int16x8_t total = vminq_s16(
            vmaxq_s16(vqaddq_s16(vld1q_s16(job.index + i), s), vdupq_n_s16(0)), vdupq_n_s16(63));
        const uint8x8_t coded = vmovn_u16(vcgeq_s16(total, skip));
        const unsigned mask = vaddv_u8(vand_u8(coded, weight));
        if (mask == 0) continue;
        job.mask[i / 64] |= std::uint64_t{mask} << (i % 64);
        const uint8x8_t rows = vmovn_u16(vreinterpretq_u16_s16(total));
        vst1_u8(out, vtbl1_u8(rows, vcreate_u8(kPack.row[mask])));
        out += count_bits(mask);
    }
    for (; i < job.count; ++i)
        out += select_one(job, i, out);
    return static_cast<std::size_t>(out - job.rows);
}

bool quantise(const float* d, const float* gains, float gain, std::size_t count, std::int16_t* r) {
    const float32x4_t constant = vdupq_n_f32(gain);
    uint32x4_t most = vdupq_n_u32(0);
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const float32x4_t low = gains != nullptr ? vld1q_f32(gains + i) : constant;
        const float32x4_t high = gains != nullptr ? vld1q_f32(gains + i + 4) : constant;
        vst1q_s16(r + i, quantise8(d + i, low, high, most));
    }
    if (i < count) {
        float tail_d[8] = {};
        float tail_gains[8] = {};
        std::int16_t tail_r[8];
        for (std::size_t k = 0; i + k < count; ++k) {
            tail_d[k] = d[i + k];
            tail_gains[k] = gains != nullptr ? gains[i + k] : gain;
        }
        vst1q_s16(tail_r,
                  quantise8(tail_d, vld1q_f32(tail_gains), vld1q_f32(tail_gains + 4), most));
        for (std::size_t k = 0; i + k < count; ++k)
            r[i + k] = tail_r[k];
    }
    return vmaxvq_u32(most) < 0x7F800000U;
}

std::size_t pack(const std::int16_t* r, const std::uint64_t* mask, std::size_t count,
                 std::int16_t* out) {
    std::int16_t* const begin = out;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const unsigned byte = mask_byte(mask, i);
        if (byte == 0) continue;
        vst1q_s16(out, shuffle(vld1q_s16(r + i), kPack.row[byte]));
        out += count_bits(byte);
    }
    for (; i < count; ++i) {
        if ((mask[i / 64] >> (i % 64) & 1) != 0) *out++ = r[i];
    }
    return static_cast<std::size_t>(out - begin);
}

std::size_t unpack(const std::int16_t* packed, const std::uint64_t* mask, std::size_t count,
                   std::int16_t* r) {
    const std::int16_t* const begin = packed;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const unsigned byte = mask_byte(mask, i);
        vst1q_s16(r + i, shuffle(vld1q_s16(packed), kUnpack.row[byte]));
        packed += count_bits(byte);
    }
    for (; i < count; ++i)
        r[i] = (mask[i / 64] >> (i % 64) & 1) != 0 ? *packed++ : std::int16_t{0};
    return static_cast<std::size_t>(packed - begin);
}

}  // namespace tcs::neon
