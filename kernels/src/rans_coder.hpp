// The two ends of a rANS stream, segment by segment. Format and invariants: tcs/rans.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ops.hpp"
#include "rans_slots.hpp"
#include "tcs/rans.hpp"

namespace tcs {

/// Up to 15 raw bits.
struct Bypass {
    std::uint16_t value;  // < 2^bits
    std::uint8_t bits;    // 0..15
};

/// A symbol by its place among 2^precision: the entry of a row that is made for it alone. A raw
/// number of some bits is one with frequency 1.
struct Interval {
    std::uint16_t start;
    std::uint16_t freq;      // at least 1; start + freq <= 2^precision
    std::uint8_t precision;  // 1..15
};

/// Value that every lane holds where the decoder ends, so where the encoder begins.
constexpr std::uint32_t end_state(int lanes) {
    return lanes == 1 ? 1U << 8 : 1U << 16;
}

/// The same for one lane whose symbols end in raw numbers or are few: it costs a byte less.
constexpr std::uint32_t kShortEnd = 1;

/// Throws Error(argument) unless lanes is 1 or 8: those that are written.
void check_written_lanes(int lanes);

/// Writes a stream backwards: give the segments last to first; each walks its symbols backwards.
class Encoder {
public:
    /// max_symbols: an upper bound of all entries and bypass symbols to come.
    Encoder(int lanes, std::size_t max_symbols) : Encoder(lanes, max_symbols, end_state(lanes)) {}
    /// One lane that ends at kShortEnd.
    explicit Encoder(std::size_t max_symbols) : Encoder(1, max_symbols, kShortEnd) {}

    /// REQUIRES rows[n] < table.size(), entries[n] < 32.
    void entries(const RowTable& table, const std::uint8_t* rows, const std::uint8_t* entries,
                 std::size_t count);
    void bypass(const std::vector<Bypass>& symbols);
    void intervals(const std::vector<Interval>& symbols);

    /// `prefix`, then the stream. The encoder is spent afterwards.
    std::vector<std::uint8_t> finish(const std::vector<std::uint8_t>& prefix);

private:
    Encoder(int lanes, std::size_t max_symbols, std::uint32_t end);

    // Each state is in [end, 2^32), and in [2^16, 2^32) once its lane has written a word.
    std::uint32_t state_[kWrittenLanes];
    int lanes_;
    std::uint32_t end_;
    // Words lie in [next_, end of buffer_); a symbol writes at most one.
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::size_t capacity_;
    std::size_t next_;
};

/// Reads a stream forwards: take the segments first to last.
class Decoder {
public:
    /// Throws Error(corrupt) if the bytes cannot begin such a stream. Keeps pointers into data.
    Decoder(const std::uint8_t* data, std::size_t size, int lanes)
        : Decoder(data, size, lanes, end_state(lanes)) {}
    /// One lane that ends at kShortEnd.
    Decoder(const std::uint8_t* data, std::size_t size) : Decoder(data, size, 1, kShortEnd) {}

    /// REQUIRES rows[n] < table.size(). Every entry written is < 32.
    void entries(const RowTable& table, const std::uint8_t* rows, std::size_t count,
                 std::uint8_t* entries);
    /// The same with one row of 12 bits for all symbols.
    void entries(const SlotTable& table, std::size_t count, std::uint8_t* entries);
    /// REQUIRES bits 0..15.
    std::uint32_t bypass(int bits);
    /// Which of 2^precision the next symbol's interval holds; take() then goes on behind it.
    std::uint32_t slot(int precision) const { return lanes_.state[0] & ((1U << precision) - 1); }
    void take(const Interval& symbol);
    /// Throws Error(corrupt) if a lane is already below its end state, as no encoder's ever is: it
    /// ran out of words. Cheap; saves the work that follows a segment of nonsense.
    void check() const;
    /// Throws Error(corrupt) unless every lane is at its end state and all bytes are used.
    void finish() const;

private:
    Decoder(const std::uint8_t* data, std::size_t size, int lanes, std::uint32_t end);
    void refill();

    DecoderLanes lanes_;
    std::uint32_t end_;
};

}  // namespace tcs
