// Selecting, quantising, packing and unpacking the elements of r.
#include <immintrin.h>

#include "avx2.hpp"
#include "shuffles.hpp"

namespace tcs::avx2 {
namespace {

inline __m128i load8(const std::int16_t* p) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}

inline void store8(std::int16_t* p, __m128i v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v);
}

// Element numbers 0..7, or 0x80 for none, to the byte numbers of int16 elements.
inline __m128i byte_pairs(std::uint64_t numbers) {
    const __m128i n = _mm_cvtsi64_si128(static_cast<long long>(numbers));
    const __m128i none = _mm_and_si128(n, _mm_set1_epi8(-128));
    const __m128i low = _mm_or_si128(_mm_add_epi8(n, n), none);
    return _mm_unpacklo_epi8(low, _mm_or_si128(low, _mm_set1_epi8(1)));
}

// Eight rows of a mask byte, packed. Writes 8 bytes.
inline std::size_t store_rows(std::uint8_t* out, __m128i rows, unsigned mask) {
    const __m128i order = _mm_cvtsi64_si128(static_cast<long long>(kPack.row[mask]));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(rows, order));
    return static_cast<std::size_t>(_mm_popcnt_u32(mask));
}

std::size_t select_one(const SelectJob& job, std::size_t i, std::uint8_t* out) {
    int total = job.index[i] + (job.steps != nullptr ? job.steps[i] : job.step);
    total = total < 0 ? 0 : total > 63 ? 63 : total;
    if (total < job.skip) return 0;
    job.mask[i / 64] |= std::uint64_t{1} << (i % 64);
    *out = static_cast<std::uint8_t>(total);
    return 1;
}

}  // namespace

std::size_t select(const SelectJob& job) {
    const __m256i step = _mm256_set1_epi16(static_cast<short>(job.step));
    const __m256i below_skip = _mm256_set1_epi16(static_cast<short>(job.skip - 1));
    const __m256i zero = _mm256_setzero_si256();
    const __m256i most = _mm256_set1_epi16(63);
    std::uint8_t* out = job.rows;
    for (std::size_t w = 0; w < (job.count + 63) / 64; ++w)
        job.mask[w] = 0;
    std::size_t i = 0;
    for (; i + 16 <= job.count; i += 16) {
        const __m256i s = job.steps != nullptr
                              ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(job.steps + i))
                              : step;
        const __m256i index = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(job.index + i));
        // The sum saturates at int16, far outside 0..63: the clamp gives the same.
        const __m256i total =
            _mm256_min_epi16(_mm256_max_epi16(_mm256_adds_epi16(index, s), zero), most);
        const __m256i coded = _mm256_cmpgt_epi16(total, below_skip);
        if (_mm256_testz_si256(coded, coded) != 0) continue;
        const __m128i flags =
            _mm_packs_epi16(_mm256_castsi256_si128(coded), _mm256_extracti128_si256(coded, 1));
        const unsigned mask = static_cast<unsigned>(_mm_movemask_epi8(flags));
        const __m128i rows =
            _mm_packus_epi16(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
        job.mask[i / 64] |= std::uint64_t{mask} << (i % 64);
        out += store_rows(out, rows, mask & 255U);
        out += store_rows(out, _mm_unpackhi_epi64(rows, rows), mask >> 8);
    }
    for (; i < job.count; ++i)
        out += select_one(job, i, out);
    return static_cast<std::size_t>(out - job.rows);
}

bool quantise(const float* d, const float* gains, float gain, std::size_t count, std::int16_t* r) {
    const __m256 low = _mm256_set1_ps(-32768.0F);
    const __m256 high = _mm256_set1_ps(32767.0F);
    const __m256i magnitude = _mm256_set1_epi32(0x7FFFFFFF);
    const __m256 constant = _mm256_set1_ps(gain);
    __m256i most = _mm256_setzero_si256();  // of the magnitudes' bits; infinity and NaN are largest
    // The last group may be partial: it runs on copies.
    for (std::size_t i = 0; i < count; i += 8) {
        float tail_d[8] = {};
        float tail_gains[8] = {};
        std::int16_t tail_r[8];
        const bool whole = i + 8 <= count;
        const float* source = d + i;
        const float* factors = gains != nullptr ? gains + i : nullptr;
        if (!whole) {
            for (std::size_t k = 0; i + k < count; ++k) {
                tail_d[k] = d[i + k];
                if (gains != nullptr) tail_gains[k] = gains[i + k];
            }
            source = tail_d;
            if (gains != nullptr) factors = tail_gains;
        }
        const __m256 value = _mm256_loadu_ps(source);
        const __m256 factor = factors != nullptr ? _mm256_loadu_ps(factors) : constant;
        most = _mm256_max_epi32(most, _mm256_and_si256(_mm256_castps_si256(value), magnitude));
        const __m256 v = _mm256_min_ps(_mm256_max_ps(_mm256_mul_ps(value, factor), low), high);
        const __m256i whole32 = _mm256_cvtps_epi32(v);  // round half to even
        const __m128i whole16 =
            _mm_packs_epi32(_mm256_castsi256_si128(whole32), _mm256_extracti128_si256(whole32, 1));
        store8(whole ? r + i : tail_r, whole16);
        for (std::size_t k = 0; !whole && i + k < count; ++k)
            r[i + k] = tail_r[k];
    }
    const __m256i infinite = _mm256_cmpgt_epi32(most, _mm256_set1_epi32(0x7F7FFFFF));
    return _mm256_testz_si256(infinite, infinite) != 0;
}

std::size_t pack(const std::int16_t* r, const std::uint64_t* mask, std::size_t count,
                 std::int16_t* out) {
    std::int16_t* const begin = out;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        if (i % 64 == 0 && mask[i / 64] == 0) {
            i += 56;  // may pass count: no bit is set there
            continue;
        }
        const unsigned byte = mask_byte(mask, i);
        store8(out, _mm_shuffle_epi8(load8(r + i), byte_pairs(kPack.row[byte])));
        out += _mm_popcnt_u32(byte);
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
        store8(r + i, _mm_shuffle_epi8(load8(packed), byte_pairs(kUnpack.row[byte])));
        packed += _mm_popcnt_u32(byte);
    }
    for (; i < count; ++i)
        r[i] = (mask[i / 64] >> (i % 64) & 1) != 0 ? *packed++ : std::int16_t{0};
    return static_cast<std::size_t>(packed - begin);
}

}  // namespace tcs::avx2
