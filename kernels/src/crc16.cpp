#include "tcs/crc16.hpp"

#include <array>

namespace tcs {
namespace {

constexpr std::uint16_t kPolynomial = 0x1021;

constexpr std::array<std::uint16_t, 256> make_table() {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte << 8U;
        for (int bit = 0; bit < 8; ++bit)
            crc = crc << 1U ^ ((crc & 0x8000U) != 0 ? kPolynomial : 0U);
        table[byte] = static_cast<std::uint16_t>(crc);
    }
    return table;
}

constexpr std::array<std::uint16_t, 256> kTable = make_table();

// The entry of kTable that has this low byte: no two have the same one.
constexpr std::array<std::uint8_t, 256> make_entries() {
    std::array<std::uint8_t, 256> entries{};
    for (unsigned byte = 0; byte < 256; ++byte)
        entries[kTable[byte] & 0xFFU] = static_cast<std::uint8_t>(byte);
    return entries;
}

constexpr std::array<std::uint8_t, 256> kEntryOfLow = make_entries();

}  // namespace

std::uint16_t crc16(const std::uint8_t* data, std::size_t size, std::uint16_t previous) noexcept {
    unsigned crc = previous;
    for (std::size_t n = 0; n < size; ++n)
        crc = (crc << 8U & 0xFFFFU) ^ kTable[crc >> 8U ^ data[n]];
    return static_cast<std::uint16_t>(crc);
}

std::uint16_t crc16_before(const std::uint8_t* data, std::size_t size,
                           std::uint16_t after) noexcept {
    unsigned crc = after;
    for (; size > 0; --size) {
        const unsigned entry = kEntryOfLow[crc & 0xFFU];
        crc = (entry ^ data[size - 1]) << 8U | (crc ^ kTable[entry]) >> 8U;
    }
    return static_cast<std::uint16_t>(crc);
}

std::uint16_t bundle_check(std::uint32_t short_hash) noexcept {
    std::uint8_t bytes[4];
    for (int n = 0; n < 4; ++n)
        bytes[n] = static_cast<std::uint8_t>(short_hash >> (8 * n) & 0xFFU);
    return crc16(bytes, sizeof bytes);
}

}  // namespace tcs
