// Numbers <-> entries of a row plus bypass symbols.
//
// READ ME FIRST. Row i keeps s = shift[i] low bits raw: hi = floor(v / 2^s) with v relative to the
// row's centre, low = v mod 2^s. hi in -15..15 is entry hi + 15. Entry 31 escapes: n = 2 * (hi -
// 16) for hi >= 16, 2 * (-16 - hi) + 1 for hi <= -16, in Exp-Golomb of order 0: with m = n + 1 of k
// + 1 bits, k zeros and a one (each a bypass symbol of one bit), then the k low bits of m (one
// bypass symbol, left out if k = 0). Then low (one bypass symbol of s bits, left out if s = 0).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rans_coder.hpp"

namespace tcs {

constexpr int kEscape = 31;
constexpr int kMostHi = 15;

/// The entry of hi alone.
inline int entry_of(int hi) {
    return hi >= -kMostHi && hi <= kMostHi ? hi + kMostHi : kEscape;
}

/// Splits values[0..count) under rows[n] (shift[rows[n]]) into entries and appends the bypass
/// symbols. REQUIRES values in int16, shifts 0..15.
void split_symbols(const std::int16_t* values, const std::uint8_t* rows, std::size_t count,
                   const std::uint8_t* shift, std::uint8_t* entries, std::vector<Bypass>& bypass);

/// Inverse of split_symbols: takes the bypass symbols from `decoder`. Throws Error(corrupt) for a
/// value outside int16.
void join_symbols(Decoder& decoder, const std::uint8_t* entries, const std::uint8_t* rows,
                  std::size_t count, const std::uint8_t* shift, std::int16_t* values);

}  // namespace tcs
