#include <arm_neon.h>

#include <cstring>

#include "bit_fields.hpp"
#include "neon.hpp"

namespace tcs::neon {
namespace {

// Eight fields as int16. What stands above a field is shifted out at the top, what stands below it
// on the way back.
inline int16x8_t fields8(uint8x16_t bytes, uint8x16_t order, int16x8_t up, int16x8_t down) {
    return vshlq_s16(vshlq_s16(vreinterpretq_s16_u8(vqtbl1q_u8(bytes, order)), up), down);
}

}  // namespace

void unpack_fields(const std::uint8_t* packed, int bits, std::size_t count, std::int8_t* values) {
    std::size_t i = 0;
    if (bits == 8) {
        std::memcpy(values, packed, count);
        i = count;
    } else {
        const FieldPlaces places = field_places(bits);
        const uint8x16_t low = vld1q_u8(places.byte);
        // The second eight fields begin `bits` bytes further on; byte 2 * 7 + 1 is the last.
        const uint8x16_t high = vaddq_u8(low, vdupq_n_u8(static_cast<std::uint8_t>(bits)));
        const int16x8_t up = vld1q_s16(places.shift);
        const int16x8_t down = vdupq_n_s16(static_cast<std::int16_t>(bits - 16));
        const std::size_t step = 2 * static_cast<std::size_t>(bits);
        const std::size_t size = (count * static_cast<std::size_t>(bits) + 7) / 8;
        const std::uint8_t* const end = packed + size;
        for (; i + 16 <= count && end - packed >= 16; i += 16) {
            const uint8x16_t bytes = vld1q_u8(packed);
            const int8x8_t first = vmovn_s16(fields8(bytes, low, up, down));
            const int8x8_t second = vmovn_s16(fields8(bytes, high, up, down));
            vst1q_s8(values + i, vcombine_s8(first, second));
            packed += step;
        }
    }
    unpack_field_groups(packed, bits, count - i, values + i);
}

}  // namespace tcs::neon
