// rANS coder over rows of 32 entries: one, 8 or 32 interleaved lanes in one stream of 16-bit words.
// Thirty-two are read and not written: they cost 72 bytes more than eight (measured) and were no
// faster on any processor.
//
// READ ME FIRST
// - A row holds 32 cumulative starts; start[0] = 0 and the end of entry 31 is 2^precision.
// - rANS is last in, first out: the encoder walks the symbols backwards and writes words towards
//   lower addresses, so that the decoder reads everything forwards.
// - A lane's state x is a u32. The decoder's step: slot = x mod 2^p; the entry e is the one with
//   start[e] <= slot < start[e+1]; x = freq[e] * (x >> p) + slot - start[e]; if x < 2^16 and words
//   are left, x = x << 16 | next word. One word always suffices, because p <= 15 keeps x >= 2.
// - Past the last word nothing is read; the state stays small and can never come back to the
//   start value, so the check at the end finds every overrun without a test in the loop.
// - Lanes: symbol n of a segment belongs to lane n mod L; all lanes share the words.
//
// Layout of a stream (little endian). With several lanes: the decoder's first state of each lane
// (u32, lane 0 first, each >= 2^16), then the words; every lane ends at exactly 2^16. With one lane
// the bytes are counted: the state takes 4 bytes if the whole has an even length, 3 if odd, 2 if
// the whole is 2 bytes; its last byte is not zero, and the lane ends at exactly 2^8. That costs 1.5
// bytes over the ideal on average (2 at most) where the plain layout costs 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcs {

constexpr int kRowEntries = 32;
constexpr int kMaxRows = 256;
constexpr int kMaxLanes = 32;
constexpr int kWrittenLanes = 8;  // or one

/// Cumulative starts of one row, exactly one cache line: the decoder compares all 32 at once.
struct alignas(64) Row {
    std::uint16_t start[kRowEntries];
};

/// What the encoder needs of one (row, entry).
struct EncoderEntry {
    std::uint64_t reciprocal;  // see RowTable's constructor
    std::uint32_t bias;
    std::uint16_t freq;
    std::uint16_t complement;  // 2^precision - freq
};

/// Rows of one precision, with the encoder's reciprocals. Immutable after construction.
class RowTable {
public:
    /// starts: (rows, 32) uint16. REQUIRES 1 <= rows <= 256, precision 12..15, start[0] = 0,
    /// strictly increasing starts below 2^precision. Throws Error(argument) otherwise.
    RowTable(const std::uint16_t* starts, std::size_t rows, int precision);

    std::size_t size() const noexcept { return rows_.size() - 1; }
    int precision() const noexcept { return precision_; }
    /// size() + 1 rows; the last one is all zero, so that entry 31 of any row finds "the next
    /// start" at [32], and (next - start) mod 2^precision is the frequency of every entry.
    const Row* rows() const noexcept { return rows_.data(); }
    /// (size(), 32) entries.
    const EncoderEntry* encoder() const noexcept { return encoder_.data(); }

private:
    std::vector<Row> rows_;
    std::vector<EncoderEntry> encoder_;
    int precision_;
};

/// Codes `count` entries, entry n under row rows[n], into one stream.
/// lanes: 1 or 8. Throws Error(argument) for other lanes, rows[n] >= table.size() or entries[n] >=
/// 32.
std::vector<std::uint8_t> encode_symbols(const RowTable& table, const std::uint8_t* rows,
                                         const std::uint8_t* entries, std::size_t count, int lanes);

/// Inverse of encode_symbols: fills entries[0..count). lanes: 1, 8 or 32.
/// Throws Error(argument) for wrong lanes or rows, Error(corrupt) when the bytes cannot be such a
/// stream (too short, wrong final state, words left over). Any bytes are safe.
void decode_symbols(const RowTable& table, const std::uint8_t* rows, std::size_t count,
                    const std::uint8_t* data, std::size_t size, int lanes, std::uint8_t* entries);

}  // namespace tcs
