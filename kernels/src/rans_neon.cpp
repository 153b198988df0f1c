#include <arm_neon.h>

#include "neon.hpp"
#include "rans_decode_loop.hpp"

namespace tcs::neon {

// One row is one cache line: compare the slot with all 32 starts and count those not above it. A
// comparison gives -1 per true element, so that sums count down.
void decode(DecoderLanes& lanes, const DecodeJob& job) {
    decode_rows(lanes, job, [](const Row& row, std::uint32_t slot) {
        const uint16x8_t s = vdupq_n_u16(static_cast<std::uint16_t>(slot));
        const uint16x8_t first =
            vaddq_u16(vcleq_u16(vld1q_u16(row.start), s), vcleq_u16(vld1q_u16(row.start + 8), s));
        const uint16x8_t second = vaddq_u16(vcleq_u16(vld1q_u16(row.start + 16), s),
                                            vcleq_u16(vld1q_u16(row.start + 24), s));
        const std::uint32_t minus_count = vaddvq_u16(vaddq_u16(first, second));
        return (0x10000U - minus_count) - 1U;
    });
}

}  // namespace tcs::neon
