// Dot products and depthwise sums of the integer engine.
#include <immintrin.h>

#include "avx2.hpp"
#include "net_tails.hpp"

namespace tcs::avx2 {
namespace {

constexpr std::size_t kLanes = 16;  // int16 elements of a register

inline __m128i load16(const void* p) {
    return _mm_loadu_si128(static_cast<const __m128i*>(p));
}

inline __m256i load(const std::uint8_t* a) {
    return _mm256_cvtepu8_epi16(load16(a));
}

inline __m256i load(const std::int16_t* a) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(a));
}

inline __m256i load(const std::int8_t* w) {
    return _mm256_cvtepi8_epi16(load16(w));
}

// The totals of four registers, in order.
inline __m128i totals(const __m256i* sums) {
    const __m256i pairs =
        _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

// madd adds two products of at most 2^22 in magnitude.
template <typename Element>
static void four_dots(const Element* a, const std::int8_t* w, std::size_t count,
                      std::int32_t* sums) {
    const std::size_t whole = count / kLanes * kLanes;
    __m256i all[kDotRows] = {};
    for (std::size_t i = 0; i < whole; i += kLanes) {
        const __m256i given = load(a + i);
        for (std::size_t n = 0; n < kDotRows; ++n)
            all[n] = _mm256_add_epi32(all[n], _mm256_madd_epi16(given, load(w + n * count + i)));
    }
    __m128i* const out = reinterpret_cast<__m128i*>(sums);
    _mm_storeu_si128(out, _mm_add_epi32(_mm_loadu_si128(out), totals(all)));
    for (std::size_t n = 0; n < kDotRows; ++n)
        sums[n] += dot_from(whole, a, w + n * count, count);
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
        __m256i* const out = reinterpret_cast<__m256i*>(sums + c);
        __m256i low = _mm256_loadu_si256(out), high = _mm256_loadu_si256(out + 1);
        for (std::size_t t = 0; t < taps; ++t) {
            // 255 * -128 is an int16.
            const __m256i product =
                _mm256_mullo_epi16(load(patch + t * channels + c), load(w + t * channels + c));
            low = _mm256_add_epi32(low, _mm256_cvtepi16_epi32(_mm256_castsi256_si128(product)));
            high =
                _mm256_add_epi32(high, _mm256_cvtepi16_epi32(_mm256_extracti128_si256(product, 1)));
        }
        _mm256_storeu_si256(out, low);
        _mm256_storeu_si256(out + 1, high);
    }
    taps_from(c, patch, w, taps, channels, sums);
}

// The low 32 bits of a shift by at most 32 are the same whether it is arithmetic or logical.
void requantise(std::int32_t* sums, const std::int32_t* mult, int shift, std::int32_t zero,
                std::size_t count) {
    const __m256i half = _mm256_set1_epi64x(1LL << (shift - 1));
    const __m128i by = _mm_cvtsi32_si128(shift);
    std::size_t c = 0;
    for (; c + 8 <= count; c += 8) {
        __m256i* const at = reinterpret_cast<__m256i*>(sums + c);
        const __m256i s = _mm256_loadu_si256(at);
        const __m256i m = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(mult + c));
        const __m256i even = _mm256_mul_epi32(s, m);
        const __m256i odd = _mm256_mul_epi32(_mm256_srli_epi64(s, 32), _mm256_srli_epi64(m, 32));
        const __m256i low = _mm256_srl_epi64(_mm256_add_epi64(even, half), by);
        const __m256i high =
            _mm256_slli_epi64(_mm256_srl_epi64(_mm256_add_epi64(odd, half), by), 32);
        _mm256_storeu_si256(
            at, _mm256_add_epi32(_mm256_blend_epi32(low, high, 0xAA), _mm256_set1_epi32(zero)));
    }
    for (; c < count; ++c)
        sums[c] =
            static_cast<std::int32_t>(
                (std::int64_t{sums[c]} * mult[c] + (std::int64_t{1} << (shift - 1))) >> shift) +
            zero;
}

}  // namespace tcs::avx2
