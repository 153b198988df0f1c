// SHA-256 (FIPS 180-4) of a buffer: names an entropy bundle.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tcs {

/// Digest of data[0..size). REQUIRES data valid for size bytes (may be null if size is 0).
std::array<std::uint8_t, 32> sha256(const std::uint8_t* data, std::size_t size);

}  // namespace tcs
