// CRC-32C by eight tables (slicing-by-8): portable, and streams are small, so there is no variant
// with CPU instructions.
#include "tcs/crc32c.hpp"

#include <array>

namespace tcs {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78U;

// kTables[k][b]: checksum contribution of byte b followed by k zero bytes.
using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
        tables[0][byte] = crc;
    }
    for (std::size_t k = 1; k < tables.size(); ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t crc = tables[k - 1][byte];
            tables[k][byte] = (crc >> 8) ^ tables[0][crc & 0xFFU];
        }
    }
    return tables;
}

constexpr Tables kTables = make_tables();

// The entry of kTables[0] that has this top byte: no two have the same one, so that the top byte of
// a checksum tells by which entry it was made.
constexpr std::array<std::uint8_t, 256> make_entries() {
    std::array<std::uint8_t, 256> entries{};
    for (std::uint32_t byte = 0; byte < 256; ++byte)
        entries[kTables[0][byte] >> 24] = static_cast<std::uint8_t>(byte);
    return entries;
}

constexpr std::array<std::uint8_t, 256> kEntryOfTop = make_entries();

// Byte by byte, so neither alignment nor the machine's byte order matters; compilers make one load
// of it where they can.
std::uint32_t load_u32(const std::uint8_t* p) {
    return static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
           static_cast<std::uint32_t>(p[2]) << 16 | static_cast<std::uint32_t>(p[3]) << 24;
}

}  // namespace

std::uint32_t crc32c(const std::uint8_t* data, std::size_t size, std::uint32_t previous) noexcept {
    std::uint32_t crc = ~previous;
    for (; size >= 8; size -= 8, data += 8) {
        const std::uint32_t low = load_u32(data) ^ crc;
        const std::uint32_t high = load_u32(data + 4);
        crc = kTables[7][low & 0xFFU] ^ kTables[6][(low >> 8) & 0xFFU] ^
              kTables[5][(low >> 16) & 0xFFU] ^ kTables[4][low >> 24] ^ kTables[3][high & 0xFFU] ^
              kTables[2][(high >> 8) & 0xFFU] ^ kTables[1][(high >> 16) & 0xFFU] ^
              kTables[0][high >> 24];
    }
    for (; size > 0; --size, ++data)
        crc = (crc >> 8) ^ kTables[0][(crc ^ *data) & 0xFFU];
    return ~crc;
}

std::uint32_t crc32c_before(const std::uint8_t* data, std::size_t size,
                            std::uint32_t after) noexcept {
    std::uint32_t crc = ~after;
    for (; size > 0; --size) {
        const std::uint32_t entry = kEntryOfTop[crc >> 24];
        crc = ((crc ^ kTables[0][entry]) << 8) | (entry ^ data[size - 1]);
    }
    return ~crc;
}

}  // namespace tcs
