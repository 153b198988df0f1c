// CRC-16 of the small profile: polynomial 0x1021, not reflected.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcs {

constexpr std::uint16_t kCrc16Start = 0xFFFF;

/// Checksum of `size` bytes with no final xor; crc16("123456789") == 0x29B1. `previous` is the
/// checksum of the bytes before these.
std::uint16_t crc16(const std::uint8_t* data, std::size_t size,
                    std::uint16_t previous = kCrc16Start) noexcept;

/// The way back: the checksum of what stands before these bytes, from the checksum of both.
std::uint16_t crc16_before(const std::uint8_t* data, std::size_t size,
                           std::uint16_t after) noexcept;

/// What a small stream says of its bundle: the CRC-16 of the four bytes of the short hash.
std::uint16_t bundle_check(std::uint32_t short_hash) noexcept;

}  // namespace tcs
