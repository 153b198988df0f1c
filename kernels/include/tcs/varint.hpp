// LEB128 numbers: seven bits a byte, low ones first, bit 7 set on all but the last byte.
//
// The format allows at most 4 bytes (values below 2^28) and only the shortest form of a value, so
// that a value has one spelling and equal streams have equal bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcs {

constexpr std::size_t kMaxVarintBytes = 4;
constexpr std::uint32_t kMaxVarint = (1U << (7 * kMaxVarintBytes)) - 1;

/// Bytes that `value` takes. REQUIRES: value <= kMaxVarint.
constexpr std::size_t varint_size(std::uint32_t value) noexcept {
    std::size_t bytes = 1;
    for (; value > 0x7F; value >>= 7)
        ++bytes;
    return bytes;
}

/// Appends `value` to `out`. Throws Error(limit) if value > kMaxVarint.
void append_varint(std::vector<std::uint8_t>& out, std::uint32_t value);

/// Reads the number at data[offset] and moves `offset` behind it. `what` names the number in
/// errors. Throws Error(truncated) when data ends inside it and Error(corrupt) when it is not in
/// its shortest form or longer than 4 bytes.
std::uint32_t read_varint(const std::uint8_t* data, std::size_t size, std::size_t& offset,
                          const char* what);

}  // namespace tcs
