// Dot products, depthwise sums and requantisation of the integer engine.
#include <immintrin.h>

#include <cstring>

#include "avx2.hpp"
#include "net_tails.hpp"

namespace tcs::avx2 {
namespace {

constexpr std::size_t kLanes = 16;  // int16 elements of a register
constexpr std::size_t kRows = 6;    // whose sums stay in registers: loops over them are unrolled

inline __m128i load16(const void* p) {
    return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

inline __m256i load32(const void* p) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(p));
}

inline void store32(void* p, __m256i value) {
    _mm256_storeu_si256(static_cast<__m256i*>(p), value);
}

// Two elements of a row, eight times.
inline __m256i pair_of(const std::int16_t* row) {
    std::int32_t pair;
    std::memcpy(&pair, row, sizeof pair);
    return _mm256_set1_epi32(pair);
}

// One block of outputs of Rows positions. madd adds two products of at most 2^22 in magnitude, so
// nothing saturates.
template <std::size_t Rows>
static inline void block_of(const std::int16_t* row, std::size_t stride, std::size_t groups,
                            const std::int8_t* w, const std::int32_t* bias, std::int32_t* sums,
                            std::size_t sums_stride) {
    __m256i low[Rows], high[Rows];
#pragma GCC unroll 16
    for (std::size_t p = 0; p < Rows; ++p) {
        low[p] = load32(bias);
        high[p] = load32(bias + 8);
    }
    for (std::size_t g = 0; g < groups; ++g, row += 2, w += 2 * kDotBlock) {
        const __m256i first = _mm256_cvtepi8_epi16(load16(w));
        const __m256i second = _mm256_cvtepi8_epi16(load16(w + 16));
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Rows; ++p) {
            const __m256i pair = pair_of(row + p * stride);
            low[p] = _mm256_add_epi32(low[p], _mm256_madd_epi16(pair, first));
            high[p] = _mm256_add_epi32(high[p], _mm256_madd_epi16(pair, second));
        }
    }
#pragma GCC unroll 16
    for (std::size_t p = 0; p < Rows; ++p) {
        store32(sums + p * sums_stride, low[p]);
        store32(sums + p * sums_stride + 8, high[p]);
    }
}

template <std::size_t Rows>
static inline void rows_of(const DotsJob& job, std::size_t from) {
    const std::int16_t* const row = static_cast<const std::int16_t*>(job.rows) + from * job.stride;
    for (std::size_t b = 0; b < job.blocks; ++b)
        block_of<Rows>(row, job.stride, job.groups, job.weight + b * 2 * job.groups * kDotBlock,
                       job.bias + b * kDotBlock, job.sums + from * job.sums_stride + b * kDotBlock,
                       job.sums_stride);
}

// Eight requantised sums. `add` is half of what is shifted out and zero above it: the floor of a
// sum with a whole number is that of the sum, with it. Of a shift by at most 32 the low 32 bits are
// the same whether it is arithmetic or logical.
template <bool By32>
static inline __m256i requantised(const std::int32_t* sums, const std::int32_t* mult, __m256i add,
                                  __m128i by) {
    const __m256i s = load32(sums), m = load32(mult);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(s, m), add);
    const __m256i odd =
        _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(s, 32), _mm256_srli_epi64(m, 32)), add);
    const __m256i low = _mm256_srl_epi64(even, by);
    return _mm256_blend_epi32(low, By32 ? odd : _mm256_slli_epi64(_mm256_srl_epi64(odd, by), 32),
                              0xAA);
}

// Sixteen results of one position as int16. Packing saturates; low and high lie within int16.
template <bool By32>
static inline __m256i finished(const FinishJob& job, const std::int32_t* sums, std::size_t c,
                               const std::int16_t* with) {
    const __m256i add = _mm256_set1_epi64x((std::int64_t{1} << (job.shift - 1)) +
                                           job.zero * (std::int64_t{1} << job.shift));
    const __m128i by = _mm_cvtsi32_si128(job.shift);
    __m256i first = requantised<By32>(sums + c, job.mult + c, add, by);
    __m256i second = requantised<By32>(sums + c + 8, job.mult + c + 8, add, by);
    if (with != nullptr) {
        first = _mm256_add_epi32(first, _mm256_cvtepi16_epi32(load16(with + c)));
        second = _mm256_add_epi32(second, _mm256_cvtepi16_epi32(load16(with + c + 8)));
    }
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_packs_epi32(first, second), 0xD8);
    return _mm256_min_epi16(
        _mm256_max_epi16(packed, _mm256_set1_epi16(static_cast<std::int16_t>(job.low))),
        _mm256_set1_epi16(static_cast<std::int16_t>(job.high)));
}

inline void store(std::int16_t* out, __m256i values) {
    store32(out, values);
}

inline void store(std::uint8_t* out, __m256i values) {
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(out),
        _mm_packus_epi16(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1)));
}

template <bool By32, typename Element>
static inline void finish_by(const FinishJob& job, Element* out) {
    for (std::size_t p = 0; p < job.positions; ++p, out += job.count) {
        const std::int32_t* const sums = job.sums + p * job.sums_stride;
        const std::int16_t* const with = job.with == nullptr ? nullptr : job.with + p * job.count;
        std::size_t c = 0;
        for (; c + kLanes <= job.count; c += kLanes)
            store(out + c, finished<By32>(job, sums, c, with));
        if (c == job.count) continue;
        Element last[kLanes];
        store(last, finished<By32>(job, sums, c, with));
        std::memcpy(out + c, last, (job.count - c) * sizeof(Element));
    }
}

template <typename Element>
static inline void finish_all(const FinishJob& job, Element* out) {
    job.shift == 32 ? finish_by<true>(job, out) : finish_by<false>(job, out);
}

}  // namespace

void wide_dots(const DotsJob& job) {
    std::size_t p = 0;
    for (; p + kRows <= job.positions; p += kRows)
        rows_of<kRows>(job, p);
    for (; p < job.positions; ++p)
        rows_of<1>(job, p);
}

// 255 * -128 is an int16.
void taps(const TapsJob& job) {
    for (std::size_t c = 0; c < job.channels; c += kLanes) {
        __m256i low = load32(job.bias + c), high = load32(job.bias + c + 8);
        const std::int8_t* w = job.weight + c;
        for (std::size_t t = 0; t < job.taps; ++t, w += job.channels) {
            const std::uint8_t* const row = static_cast<const std::uint8_t*>(job.rows[t]) + c;
            const __m256i product = _mm256_mullo_epi16(_mm256_cvtepu8_epi16(load16(row)),
                                                       _mm256_cvtepi8_epi16(load16(w)));
            low = _mm256_add_epi32(low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(product)));
            high =
                _mm256_add_epi32(high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(product, 1)));
        }
        store32(job.sums + c, low);
        store32(job.sums + c + 8, high);
    }
}

void wide_taps(const TapsJob& job) {
    for (std::size_t c = 0; c < job.channels; c += 8) {
        __m256i sum = load32(job.bias + c);
        const std::int8_t* w = job.weight + c;
        for (std::size_t t = 0; t < job.taps; ++t, w += job.channels) {
            const std::int16_t* const row = static_cast<const std::int16_t*>(job.rows[t]) + c;
            const __m256i by =
                _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(w)));
            sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(_mm256_cvtepi16_epi32(load16(row)), by));
        }
        store32(job.sums + c, sum);
    }
}

void finish(const FinishJob& job, std::uint8_t* out) {
    finish_all(job, out);
}

void wide_finish(const FinishJob& job, std::int16_t* out) {
    finish_all(job, out);
}

}  // namespace tcs::avx2
