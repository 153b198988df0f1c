// CRC-32C (Castagnoli), the checksum of headers, chunks and bundles.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcs {

/// Checksum of `size` bytes as RFC 3720 defines it: reflected polynomial 0x82F63B78, initial value
/// and final xor 0xFFFFFFFF; crc32c("123456789") == 0xE3069283.
///
/// `previous` is the checksum of the bytes before these, so that pieces can be summed one by one:
/// crc32c(b, nb, crc32c(a, na)) == crc32c of a followed by b.
std::uint32_t crc32c(const std::uint8_t* data, std::size_t size,
                     std::uint32_t previous = 0) noexcept;

/// The way back: the checksum of what stands before these bytes, from the checksum of both.
/// crc32c_before(b, nb, crc32c(b, nb, x)) == x for every x: what a byte does can be undone.
std::uint32_t crc32c_before(const std::uint8_t* data, std::size_t size,
                            std::uint32_t after) noexcept;

}  // namespace tcs
