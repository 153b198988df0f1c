// Byte shuffles that pack the marked elements of a group of eight to the front, and back.
//
// Everything here is `static`: this header is compiled once per instruction set (see ops.hpp).
#pragma once

#include <cstdint>

namespace tcs {

struct ShuffleTable {
    std::uint64_t row[256];  // eight element numbers, lowest byte first
};

// row[m]: the positions of m's set bits, lowest first; then 0x80 (a shuffle writes zero there).
static constexpr ShuffleTable make_pack_table() {
    ShuffleTable table{};
    for (unsigned m = 0; m < 256; ++m) {
        unsigned taken = 0;
        std::uint64_t row = 0x8080808080808080U;
        for (unsigned bit = 0; bit < 8; ++bit) {
            if ((m >> bit & 1) == 0) continue;
            row ^= std::uint64_t{0x80U ^ bit} << (8 * taken++);
        }
        table.row[m] = row;
    }
    return table;
}

// row[m]: for each set bit of m its rank among the set bits, for the others 0x80.
static constexpr ShuffleTable make_unpack_table() {
    ShuffleTable table{};
    for (unsigned m = 0; m < 256; ++m) {
        unsigned rank = 0;
        std::uint64_t row = 0;
        for (unsigned bit = 0; bit < 8; ++bit)
            row |= std::uint64_t{(m >> bit & 1) != 0 ? rank++ : 0x80U} << (8 * bit);
        table.row[m] = row;
    }
    return table;
}

alignas(64) static constexpr ShuffleTable kPack = make_pack_table();
alignas(64) static constexpr ShuffleTable kUnpack = make_unpack_table();

// Bits [i, i + 8) of a mask, i a multiple of 8.
static inline unsigned mask_byte(const std::uint64_t* mask, std::size_t i) {
    return static_cast<unsigned>(mask[i / 64] >> (i % 64)) & 255U;
}

}  // namespace tcs
