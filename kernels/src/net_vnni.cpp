// Dot products of bytes by AVX-512 VNNI: 32 products an instruction, summed without saturation.
#include <immintrin.h>

#include "vnni.hpp"

namespace tcs::vnni {
namespace {

constexpr std::size_t kLanes = 32;  // bytes of a register
constexpr std::size_t kRows = 8;    // that share the loads of `a`

// The first `count` bytes, zero behind them.
inline __m256i load(const void* from, __mmask32 mask) {
    return _mm256_maskz_loadu_epi8(mask, from);
}

inline __m128i totals(const __m256i* sums) {
    const __m256i pairs =
        _mm256_hadd_epi32(_mm256_hadd_epi32(sums[0], sums[1]), _mm256_hadd_epi32(sums[2], sums[3]));
    return _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
}

static void some_dots(const std::uint8_t* a, const std::int8_t* w, std::size_t count,
                      std::size_t rows, std::int32_t* sums) {
    __m256i all[kRows] = {};
    for (std::size_t i = 0; i < count; i += kLanes) {
        const std::size_t left = count - i;
        const __mmask32 mask = left < kLanes ? (__mmask32{1} << left) - 1 : ~__mmask32{0};
        const __m256i given = load(a + i, mask);
        for (std::size_t n = 0; n < rows; ++n)
            all[n] = _mm256_dpbusd_epi32(all[n], given, load(w + n * count + i, mask));
    }
    alignas(16) std::int32_t made[kRows];
    _mm_store_si128(reinterpret_cast<__m128i*>(made), totals(all));
    _mm_store_si128(reinterpret_cast<__m128i*>(made + 4), totals(all + 4));
    for (std::size_t n = 0; n < rows; ++n)
        sums[n] += made[n];
}

}  // namespace

void dots(const std::uint8_t* a, const std::int8_t* w, std::size_t count, std::size_t rows,
          std::int32_t* sums) {
    std::size_t n = 0;
    for (; n + kRows <= rows; n += kRows)
        some_dots(a, w + n * count, count, kRows, sums + n);
    if (n < rows) some_dots(a, w + n * count, count, rows - n, sums + n);
}

}  // namespace tcs::vnni
