#include <string>

#include "rans_coder.hpp"
#include "rans_decode_loop.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

[[noreturn]] void corrupt(const std::string& message) {
    throw Error(ErrorCode::corrupt, "entropy-coded data is damaged: " + message);
}

std::uint32_t load_state(const std::uint8_t* p, std::size_t bytes) {
    std::uint32_t x = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        x |= std::uint32_t{p[i]} << (8 * i);
    return x;
}

}  // namespace

Decoder::Decoder(const std::uint8_t* data, std::size_t size, int lanes, std::uint32_t end)
    : lanes_{}, end_(end) {
    lanes_.count = lanes;
    std::size_t bytes = 4;
    if (lanes == 1) bytes = size == 2 ? 2 : 4 - size % 2;
    if (end == kShortEnd && size == 1) bytes = 1;
    const std::size_t states = bytes * static_cast<std::size_t>(lanes);
    if (size < states)
        corrupt("expected at least " + std::to_string(states) + " bytes of states, got " +
                std::to_string(size));
    for (int lane = 0; lane < lanes; ++lane) {
        lanes_.state[lane] = load_state(data + bytes * static_cast<std::size_t>(lane), bytes);
        if (lanes == 1 ? lanes_.state[0] >> (8 * (bytes - 1)) == 0 : lanes_.state[lane] >> 16 == 0)
            corrupt("the first state of lane " + std::to_string(lane) + " is too small");
    }
    lanes_.next = data + states;
    lanes_.end = data + size;
}

void Decoder::entries(const RowTable& table, const std::uint8_t* rows, std::size_t count,
                      std::uint8_t* entries) {
    ops().decode(lanes_, DecodeJob{table.rows(), table.precision(), rows, count, entries});
}

void Decoder::entries(const SlotTable& table, std::size_t count, std::uint8_t* entries) {
    const std::uint32_t* const slots = table.slots();
    decode_segment(lanes_, kSlotPrecision, count, entries,
                   [slots](std::size_t, std::uint32_t slot) {
                       const std::uint32_t meaning = slots[slot];
                       return Found{meaning & 0xFFU, meaning >> 20, meaning >> 8 & 0xFFFU};
                   });
}

std::uint32_t Decoder::bypass(int bits) {
    const std::uint32_t value = slot(bits);
    lanes_.state[0] >>= bits;
    refill();
    return value;
}

void Decoder::take(const Interval& symbol) {
    std::uint32_t& x = lanes_.state[0];
    x = symbol.freq * (x >> symbol.precision) + slot(symbol.precision) - symbol.start;
    refill();
}

void Decoder::refill() {
    std::uint32_t& x = lanes_.state[0];
    if (x < (1U << 16) && lanes_.end - lanes_.next >= 2) {
        x = x << 16 | load_word(lanes_.next);
        lanes_.next += 2;
    }
}

void Decoder::check() const {
    for (int lane = 0; lane < lanes_.count; ++lane) {
        if (lanes_.state[lane] < end_)
            corrupt("lane " + std::to_string(lane) + " ran out of words");
    }
}

void Decoder::finish() const {
    for (int lane = 0; lane < lanes_.count; ++lane) {
        if (lanes_.state[lane] != end_)
            corrupt("lane " + std::to_string(lane) + " ends in a wrong state");
    }
    if (lanes_.next != lanes_.end)
        corrupt(std::to_string(lanes_.end - lanes_.next) + " bytes are left over");
}

}  // namespace tcs
