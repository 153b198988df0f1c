#include <immintrin.h>

#include <cstring>

#include "avx2.hpp"
#include "bit_fields.hpp"

namespace tcs::avx2 {
namespace {

// Sixteen fields, which begin at `p`, as int16. Reads 16 bytes.
inline __m256i fields16(const std::uint8_t* p, __m256i order, __m256i factors, __m128i shift) {
    const __m256i bytes =
        _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    // Multiplied up, what stands above the field is lost; shifted down, what stands below it.
    const __m256i high = _mm256_mullo_epi16(_mm256_shuffle_epi8(bytes, order), factors);
    return _mm256_sra_epi16(high, shift);
}

}  // namespace

void unpack_fields(const std::uint8_t* packed, int bits, std::size_t count, std::int8_t* values) {
    std::size_t i = 0;
    if (bits == 8) {
        std::memcpy(values, packed, count);
        i = count;
    } else {
        const FieldPlaces places = field_places(bits);
        const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(places.byte));
        // The second eight fields begin `bits` bytes further on; byte 2 * 7 + 1 is the last.
        const __m128i high = _mm_add_epi8(low, _mm_set1_epi8(static_cast<char>(bits)));
        const __m256i order = _mm256_set_m128i(high, low);
        const __m256i factors = _mm256_broadcastsi128_si256(
            _mm_loadu_si128(reinterpret_cast<const __m128i*>(places.factor)));
        const __m128i shift = _mm_cvtsi32_si128(16 - bits);
        const std::size_t step = 2 * static_cast<std::size_t>(bits);
        const std::size_t size = (count * static_cast<std::size_t>(bits) + 7) / 8;
        const std::uint8_t* const end = packed + size;
        for (; i + 32 <= count && static_cast<std::size_t>(end - packed) >= step + 16; i += 32) {
            const __m256i first = fields16(packed, order, factors, shift);
            const __m256i second = fields16(packed + step, order, factors, shift);
            const __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi16(first, second), 0xD8);
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(values + i), both);
            packed += 2 * step;
        }
    }
    unpack_field_groups(packed, bits, count - i, values + i);
}

}  // namespace tcs::avx2
