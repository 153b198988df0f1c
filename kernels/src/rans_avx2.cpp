#include <immintrin.h>

#include "avx2.hpp"
#include "rans_decode_loop.hpp"

namespace tcs::avx2 {

// One row is one cache line: compare the slot with all 32 starts, count those above it. Signed
// comparison is right because starts and slots are below 2^15. No decoding table per slot: those of
// 64 rows would fill the second-level cache, this is 4 kB.
void decode(DecoderLanes& lanes, const DecodeJob& job) {
    decode_rows(lanes, job, [](const Row& row, std::uint32_t slot) {
        const __m256i s = _mm256_set1_epi16(static_cast<short>(slot));
        const __m256i* starts = reinterpret_cast<const __m256i*>(row.start);
        const __m256i above =
            _mm256_packs_epi16(_mm256_cmpgt_epi16(_mm256_load_si256(starts), s),
                               _mm256_cmpgt_epi16(_mm256_load_si256(starts + 1), s));
        return 31U - static_cast<std::uint32_t>(
                         _mm_popcnt_u32(static_cast<unsigned>(_mm256_movemask_epi8(above))));
    });
}

}  // namespace tcs::avx2
