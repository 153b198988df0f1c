// Dot products and depthwise sums by AVX-512 VNNI, which adds products of bytes or of int16 to
// int32 without saturation.
#include <immintrin.h>

#include <cstring>

#include "vnni.hpp"

namespace tcs::vnni {
namespace {

template <typename Word>
inline Word word_of(const void* p) {
    Word word;
    std::memcpy(&word, p, sizeof word);
    return word;
}

inline __m512i add(__m512i sum, const std::uint8_t* row, __m512i w) {
    return _mm512_dpbusd_epi32(sum, _mm512_set1_epi32(word_of<std::int32_t>(row)), w);
}

inline __m512i add(__m512i sum, const std::int16_t* row, __m512i w) {
    return _mm512_dpwssd_epi32(sum, _mm512_set1_epi32(word_of<std::int32_t>(row)), w);
}

inline __m512i weights(const std::uint8_t*, const std::int8_t* w) {
    return _mm512_loadu_si512(w);
}

inline __m512i weights(const std::int16_t*, const std::int8_t* w) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(w)));
}

// One block of outputs of Rows positions, four bytes of each row at a time.
template <std::size_t Rows, typename Element>
static inline void block_of(const Element* row, std::size_t stride, std::size_t groups,
                            const std::int8_t* w, const std::int32_t* bias, std::int32_t* sums,
                            std::size_t sums_stride) {
    constexpr std::size_t group = 4 / sizeof(Element);
    __m512i all[Rows];
#pragma GCC unroll 16
    for (std::size_t p = 0; p < Rows; ++p)
        all[p] = _mm512_loadu_si512(bias);
    for (std::size_t g = 0; g < groups; ++g, row += group, w += group * kDotBlock) {
        const __m512i by = weights(row, w);
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Rows; ++p)
            all[p] = add(all[p], row + p * stride, by);
    }
#pragma GCC unroll 16
    for (std::size_t p = 0; p < Rows; ++p)
        _mm512_storeu_si512(sums + p * sums_stride, all[p]);
}

template <std::size_t Rows, typename Element>
static inline std::size_t rows_of(const DotsJob& job, std::size_t from) {
    const Element* const row = static_cast<const Element*>(job.rows) + from * job.stride;
    const std::size_t bytes = 4 / sizeof(Element) * job.groups * kDotBlock;
    for (std::size_t b = 0; b < job.blocks; ++b)
        block_of<Rows>(row, job.stride, job.groups, job.weight + b * bytes,
                       job.bias + b * kDotBlock, job.sums + from * job.sums_stride + b * kDotBlock,
                       job.sums_stride);
    return from + Rows;
}

template <typename Element>
static inline void all_dots(const DotsJob& job) {
    std::size_t p = 0;
    while (p + kDotPositions <= job.positions)
        p = rows_of<kDotPositions, Element>(job, p);
    while (p + 4 <= job.positions)
        p = rows_of<4, Element>(job, p);
    while (p < job.positions)
        p = rows_of<1, Element>(job, p);
}

}  // namespace

void dots(const DotsJob& job) {
    all_dots<std::uint8_t>(job);
}

void wide_dots(const DotsJob& job) {
    all_dots<std::int16_t>(job);
}

// Four taps of 32 channels at a time; a tap's bytes are interleaved with the other three's within
// each half of a register, hence the order of the weights.
void taps(const TapsJob& job) {
    const std::size_t step = 4 * job.channels;
    for (std::size_t c = 0; c < job.channels; c += 32) {
        __m256i all[4] = {};
        const std::int8_t* w = job.weight + 4 * c;
        for (std::size_t t = 0; t < job.taps; t += 4, w += step) {
            __m256i row[4];
            for (std::size_t i = 0; i < 4; ++i)
                row[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(
                    static_cast<const std::uint8_t*>(job.rows[t + i]) + c));
            const __m256i low01 = _mm256_unpacklo_epi8(row[0], row[1]);
            const __m256i low23 = _mm256_unpacklo_epi8(row[2], row[3]);
            const __m256i high01 = _mm256_unpackhi_epi8(row[0], row[1]);
            const __m256i high23 = _mm256_unpackhi_epi8(row[2], row[3]);
            const __m256i four[4] = {
                _mm256_unpacklo_epi16(low01, low23), _mm256_unpackhi_epi16(low01, low23),
                _mm256_unpacklo_epi16(high01, high23), _mm256_unpackhi_epi16(high01, high23)};
            for (std::size_t i = 0; i < 4; ++i)
                all[i] = _mm256_dpbusd_epi32(
                    all[i], four[i],
                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32 * i)));
        }
        __m256i* const out = reinterpret_cast<__m256i*>(job.sums + c);
        const __m256i* const bias = reinterpret_cast<const __m256i*>(job.bias + c);
        for (int i = 0; i < 2; ++i) {
            const __m256i first = _mm256_permute2x128_si256(all[2 * i], all[2 * i + 1], 0x20);
            const __m256i second = _mm256_permute2x128_si256(all[2 * i], all[2 * i + 1], 0x31);
            _mm256_storeu_si256(out + i, _mm256_add_epi32(_mm256_loadu_si256(bias + i), first));
            _mm256_storeu_si256(out + 2 + i,
                                _mm256_add_epi32(_mm256_loadu_si256(bias + 2 + i), second));
        }
    }
}

}  // namespace tcs::vnni
