// Dot products, depthwise sums and requantisation of the integer engine.
#include <immintrin.h>

#include "avx2.hpp"
#include "net_tails.hpp"

namespace tcs::avx2 {
namespace {

constexpr std::size_t kLanes = 16;  // int16 elements of a register
constexpr std::size_t kRows = 4;    // whose sums stay in registers

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
    __builtin_memcpy(&pair, row, sizeof pair);
    return _mm256_set1_epi32(pair);
}

// One block of outputs of Rows positions. madd adds two products of at most 2^22 in magnitude, so
// nothing saturates.
template <std::size_t Rows>
static inline void block_of(const std::int16_t* row, std::size_t stride, std::size_t groups,
                            const std::int8_t* w, const std::int32_t* bias, std::int32_t* sums,
                            std::size_t sums_stride) {
    __m256i low[Rows], high[Rows];
    for (std::size_t p = 0; p < Rows; ++p) {
        low[p] = load32(bias);
        high[p] = load32(bias + 8);
    }
    for (std::size_t g = 0; g < groups; ++g, row += 2, w += 2 * kDotBlock) {
        const __m256i first = _mm256_cvtepi8_epi16(load16(w));
        const __m256i second = _mm256_cvtepi8_epi16(load16(w + 16));
        for (std::size_t p = 0; p < Rows; ++p) {
            const __m256i pair = pair_of(row + p * stride);
            low[p] = _mm256_add_epi32(low[p], _mm256_madd_epi16(pair, first));
            high[p] = _mm256_add_epi32(high[p], _mm256_madd_epi16(pair, second));
        }
    }
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
                       job.bias + b * kDotBlock,
                       job.sums + from * job.sums_stride + b * kDotBlock, job.sums_stride);
}

// Sixteen results of one position as int16.
static inline __m256i finished(const FinishJob& job, const std::int32_t* sums, std::size_t c,
                               const std::int16_t* with) {
    const __m256i half = _mm256_set1_epi64x(1LL << (job.shift - 1));
    const __m128i by = _mm_cvtsi32_si128(job.shift);
    __m256i made[2];
    for (std::size_t i = 0; i < 2; ++i) {
        const __m256i s = load32(sums + c + 8 * i), m = load32(job.mult + c + 8 * i);
        const __m256i even = _mm256_mul_epi32(s, m);
        const __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(s, 32), _mm256_srli_epi64(m, 32));
        // The low 32 bits of a shift by at most 32 are the same whether it is arithmetic or logical.
        const __m256i low = _mm256_srl_epi64(_mm256_add_epi64(even, half), by);
        const __m256i high =
            _mm256_slli_epi64(_mm256_srl_epi64(_mm256_add_epi64(odd, half), by), 32);
        __m256i value = _mm256_add_epi32(_mm256_blend_epi32(low, high, 0xAA),
                                         _mm256_set1_epi32(job.zero));
        if (with != nullptr)
            value = _mm256_add_epi32(value, _mm256_cvtepi16_epi32(load16(with + c + 8 * i)));
        made[i] = _mm256_min_epi32(_mm256_max_epi32(value, _mm256_set1_epi32(job.low)),
                                   _mm256_set1_epi32(job.high));
    }
    return _mm256_permute4x64_epi64(_mm256_packs_epi32(made[0], made[1]), 0xD8);
}

inline void store(std::int16_t* out, __m256i values) {
    store32(out, values);
}

inline void store(std::uint8_t* out, __m256i values) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out),
                     _mm_packus_epi16(_mm256_castsi256_si128(values),
                                      _mm256_extracti128_si256(values, 1)));
}

template <typename Element>
static inline void finish_all(const FinishJob& job, Element* out) {
    for (std::size_t p = 0; p < job.positions; ++p, out += job.count) {
        const std::int32_t* const sums = job.sums + p * job.sums_stride;
        const std::int16_t* const with = job.with == nullptr ? nullptr : job.with + p * job.count;
        std::size_t c = 0;
        for (; c + kLanes <= job.count; c += kLanes)
            store(out + c, finished(job, sums, c, with));
        if (c == job.count) continue;
        Element last[kLanes];
        store(last, finished(job, sums, c, with));
        __builtin_memcpy(out + c, last, (job.count - c) * sizeof(Element));
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
            sum = _mm256_add_epi32(
                sum, _mm256_mullo_epi32(_mm256_cvtepi16_epi32(load16(row)), by));
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
