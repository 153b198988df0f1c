#include "text_fields.hpp"

#include <string>

#include "tcs/status.hpp"

namespace tcs {
namespace {

Chance chance_of(int percent, int firmness = 0) {
    Chance chance;
    chance.value = static_cast<std::uint16_t>(percent * 655);
    chance.firmness = static_cast<std::uint8_t>(firmness);
    return chance;
}

constexpr int kCountOrder = 2;  // Exp-Golomb, of three lines and more
constexpr int kMostCountBits = 12;

template <class Io>
bool raw_bit(Io& io, bool value) {
    return io.raw(1, value ? 1 : 0) != 0;
}

// 1: one line, the commonest. 01: three and more; 001: two; 000: none.
template <class Io>
std::size_t code_count(Io& io, std::size_t count) {
    if (raw_bit(io, count == 1)) return 1;
    if (!raw_bit(io, count > 2)) return raw_bit(io, count == 2) ? 2 : 0;
    const std::size_t m = count - 3 + (1U << kCountOrder);
    int bits = kCountOrder;
    while (raw_bit(io, m >> (bits + 1) != 0)) {
        if (++bits <= kMostCountBits) continue;
        throw Error(ErrorCode::newer_version,
                    "text: expected the first generation of the payload, came a later one; update "
                    "tcsdk");
    }
    const std::size_t top = std::size_t{1} << bits;
    const auto low = io.raw(bits, static_cast<std::uint32_t>(m & (top - 1)));
    return top + low + 3 - (1U << kCountOrder);
}

}  // namespace

template <class Io>
Head code_head(Io& io, Head head) {
    head.verified = raw_bit(io, head.verified);
    head.lines = code_count(io, head.lines);
    if (head.lines > kMaxTextLines) {
        throw Error(ErrorCode::limit, "text: expected at most " + std::to_string(kMaxTextLines) +
                                          " lines, came " + std::to_string(head.lines));
    }
    return head;
}

LineCoder::LineCoder()
    : placed_(chance_of(80)),
      has_string_(chance_of(75)),
      states_{{chance_of(4), chance_of(50), chance_of(75)},
              {chance_of(70), chance_of(25), chance_of(66)}} {
    // Most callers know what they send: 7 is the likeliest.
    confidence_[1] = chance_of(80);
    confidence_[3] = chance_of(75);
    confidence_[7] = chance_of(75);
}

template <class Io>
void LineCoder::code(Io& io, TextLine& line) {
    line.placed = io.bit(placed_, line.placed);
    line.has_string = io.bit(has_string_, line.has_string);
    State& state = states_[line.has_string ? 1 : 0];
    const LineState given = line.state;
    line.state = io.bit(state.sent, given == LineState::sent)           ? LineState::sent
                 : io.bit(state.doubtful, given == LineState::doubtful) ? LineState::doubtful
                 : io.bit(state.verified, given == LineState::verified) ? LineState::verified
                                                                        : LineState::none;
    if (!line.has_string) return;
    unsigned node = 1;
    for (int bit = 2; bit >= 0; --bit)
        node = node << 1 | (io.bit(confidence_[node], (line.confidence >> bit & 1) != 0) ? 1U : 0U);
    line.confidence = static_cast<std::uint8_t>(node & 7U);
}

template Head code_head(TextWriter&, Head);
template Head code_head(TextReader&, Head);
template void LineCoder::code(TextWriter&, TextLine&);
template void LineCoder::code(TextReader&, TextLine&);

}  // namespace tcs
