// Fields of 1 to 8 bits to int8, eight at a time: eight fields of b bits take exactly b bytes.
//
// Everything here is `static`: this header is compiled once per instruction set (see ops.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcs {

static inline void unpack_field_groups(const std::uint8_t* packed, int bits, std::size_t count,
                                       std::int8_t* values) {
    const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
    const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
    for (std::size_t i = 0; i < count; i += 8) {
        const std::size_t fields = count - i < 8 ? count - i : 8;
        const std::size_t bytes = (fields * static_cast<std::size_t>(bits) + 7) / 8;
        std::uint64_t word = 0;
        for (std::size_t k = 0; k < bytes; ++k)
            word |= std::uint64_t{packed[k]} << (8 * k);
        for (std::size_t k = 0; k < fields; ++k, word >>= bits)
            values[i + k] = static_cast<std::int8_t>(((word & mask) ^ sign) - sign);
        packed += bytes;
    }
}

// Where the two bytes lie that field k of eight begins in, and what multiplies them as an int16 so
// that the field's sign arrives in bit 15: the field begins at bit k * bits % 8 and both bytes hold
// it whole, since 7 + bits <= 16. REQUIRES bits 1..7.
struct FieldPlaces {
    std::uint8_t byte[16];  // pairs, the low one first
    std::int16_t factor[8];
    std::int16_t shift[8];  // log2 of the factors
};

static inline FieldPlaces field_places(int bits) {
    FieldPlaces places{};
    for (int k = 0; k < 8; ++k) {
        const int first = k * bits / 8;
        const int shift = 16 - bits - k * bits % 8;
        places.byte[2 * k] = static_cast<std::uint8_t>(first);
        places.byte[2 * k + 1] = static_cast<std::uint8_t>(first + 1);
        places.factor[k] = static_cast<std::int16_t>(1U << shift);
        places.shift[k] = static_cast<std::int16_t>(shift);
    }
    return places;
}

}  // namespace tcs
