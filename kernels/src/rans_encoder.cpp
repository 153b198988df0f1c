#include <cstring>
#include <string>

#include "rans_coder.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

// Words are little endian whatever the machine; compilers make one store of it.
inline void store_word(std::uint8_t* p, std::uint32_t x) {
    p[0] = static_cast<std::uint8_t>(x);
    p[1] = static_cast<std::uint8_t>(x >> 8);
}

// High 64 bits of m * x, without a 128-bit type: neither sum nor product can overflow.
inline std::uint32_t multiply_high(std::uint64_t m, std::uint32_t x) {
    const std::uint64_t low = (m & 0xFFFFFFFFU) * x;
    return static_cast<std::uint32_t>(((m >> 32) * x + (low >> 32)) >> 32);
}

// One symbol. Writes the word below `next` always and keeps it by moving `next`: no branch, because
// one symbol in eight writes and nobody can predict which. REQUIRES 2 bytes of room below `next`.
//
// The threshold freq * 2^(32-p) fits 32 bits since freq < 2^p. Above it the state loses one word,
// which suffices: x >> 16 < 2^16 <= freq * 2^(32-p).
inline std::uint32_t encode_step(std::uint32_t x, const EncoderEntry& entry, int precision,
                                 std::uint8_t*& next) {
    const std::uint32_t spill = x >= (std::uint32_t{entry.freq} << (32 - precision)) ? 1 : 0;
    store_word(next - 2, x);
    next -= 2 * spill;
    x >>= 16 * spill;
    return x + entry.bias + multiply_high(entry.reciprocal, x) * entry.complement;
}

}  // namespace

void check_written_lanes(int lanes) {
    if (lanes != 1 && lanes != kWrittenLanes)
        throw Error(ErrorCode::argument, "lanes: expected 1 or 8, got " + std::to_string(lanes));
}

Encoder::Encoder(int lanes, std::size_t max_symbols, std::uint32_t end)
    : lanes_(lanes),
      end_(end),
      buffer_(new std::uint8_t[2 * max_symbols + 2]),
      capacity_(2 * max_symbols + 2),
      next_(capacity_) {
    for (std::uint32_t& x : state_)
        x = end;
}

void Encoder::entries(const RowTable& table, const std::uint8_t* rows, const std::uint8_t* entries,
                      std::size_t count) {
    const EncoderEntry* const encoder = table.encoder();
    const int precision = table.precision();
    const std::size_t mask = static_cast<std::size_t>(lanes_) - 1;
    std::uint8_t* next = buffer_.get() + next_;
    if (lanes_ == 1) {
        std::uint32_t x = state_[0];
        for (std::size_t n = count; n-- > 0;)
            x = encode_step(x, encoder[rows[n] * kRowEntries + entries[n]], precision, next);
        state_[0] = x;
    } else {
        std::uint32_t state[kWrittenLanes];
        std::memcpy(state, state_, sizeof state);
        for (std::size_t n = count; n-- > 0;)
            state[n & mask] = encode_step(
                state[n & mask], encoder[rows[n] * kRowEntries + entries[n]], precision, next);
        std::memcpy(state_, state, sizeof state);
    }
    next_ = static_cast<std::size_t>(next - buffer_.get());
}

void Encoder::bypass(const std::vector<Bypass>& symbols) {
    std::uint8_t* next = buffer_.get() + next_;
    std::uint32_t x = state_[0];
    for (std::size_t n = symbols.size(); n-- > 0;) {
        const Bypass symbol = symbols[n];
        // A uniform symbol: frequency 1 of 2^bits. 64 bits because of bits = 0.
        if (x >= std::uint64_t{1} << (32 - symbol.bits)) {
            next -= 2;
            store_word(next, x);
            x >>= 16;
        }
        x = x << symbol.bits | symbol.value;
    }
    state_[0] = x;
    next_ = static_cast<std::size_t>(next - buffer_.get());
}

void Encoder::intervals(const std::vector<Interval>& symbols) {
    std::uint8_t* next = buffer_.get() + next_;
    std::uint32_t x = state_[0];
    for (std::size_t n = symbols.size(); n-- > 0;) {
        const Interval symbol = symbols[n];
        if (x >= std::uint64_t{symbol.freq} << (32 - symbol.precision)) {
            next -= 2;
            store_word(next, x);
            x >>= 16;
        }
        x = (x / symbol.freq << symbol.precision) + x % symbol.freq + symbol.start;
    }
    state_[0] = x;
    next_ = static_cast<std::size_t>(next - buffer_.get());
}

std::vector<std::uint8_t> Encoder::finish(const std::vector<std::uint8_t>& prefix) {
    std::vector<std::uint8_t> out = prefix;
    out.reserve(prefix.size() + 4 * static_cast<std::size_t>(lanes_) + (capacity_ - next_));
    for (int lane = 0; lane < lanes_; ++lane) {
        const std::uint32_t x = state_[lane];
        const bool whole = lanes_ > 1 || x >> 24 != 0;
        out.push_back(static_cast<std::uint8_t>(x));
        if (x >> 8 != 0 || end_ != kShortEnd) out.push_back(static_cast<std::uint8_t>(x >> 8));
        if (whole || x >> 16 != 0) out.push_back(static_cast<std::uint8_t>(x >> 16));
        if (whole) out.push_back(static_cast<std::uint8_t>(x >> 24));
    }
    out.insert(out.end(), buffer_.get() + next_, buffer_.get() + capacity_);
    return out;
}

}  // namespace tcs
