#include "text_fields.hpp"

#include <string>

#include "tcs/status.hpp"

namespace tcs {
namespace {

constexpr int kCountOrder = 2;  // Exp-Golomb, of three lines and more
constexpr int kMostCountBits = 12;

template <class Io>
bool raw_bit(Io& io, bool value) {
    return io.raw(1, value ? 1 : 0) != 0;
}

// What most callers say of what they send.
bool is_usual(const TextLine& line) {
    return line.state == LineState::sent && line.confidence == kMaxConfidence;
}

}  // namespace

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
    const std::size_t coded = top + low + 3 - (1U << kCountOrder);
    if (coded > kMaxTextLines) {
        throw Error(ErrorCode::limit, "text: expected at most " + std::to_string(kMaxTextLines) +
                                          " lines, came " + std::to_string(coded));
    }
    return coded;
}

LineCoder::LineCoder()
    : placed_(Chance(60)),
      has_string_(Chance(75)),
      states_{{Chance(4), Chance(50), Chance(75)}, {Chance(70), Chance(25), Chance(66)}} {
    // Most callers know what they send: 7 is the likeliest.
    confidence_[1] = Chance(80);
    confidence_[3] = Chance(75);
    confidence_[7] = Chance(75);
}

template <class Io>
void LineCoder::code_parts(Io& io, TextLine& line) {
    line.placed = io.bit(placed_, line.placed);
    line.has_string = io.bit(has_string_, line.has_string);
}

template <class Io>
void LineCoder::code_claims(Io& io, TextLine& line) {
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

template <class Io>
void LineCoder::code_raw_claims(Io& io, TextLine& line) {
    if (line.has_string && raw_bit(io, is_usual(line))) {
        line.state = LineState::sent;
        line.confidence = kMaxConfidence;
        return;
    }
    line.state = static_cast<LineState>(io.raw(2, static_cast<std::uint32_t>(line.state)));
    if (!line.has_string) return;
    line.confidence = static_cast<std::uint8_t>(io.raw(3, line.confidence));
    if (is_usual(line)) {
        throw Error(ErrorCode::corrupt,
                    "text: expected the short spelling of a line that is sent "
                    "and sure, came the long one");
    }
}

template std::size_t code_count(TextWriter&, std::size_t);
template std::size_t code_count(TextReader&, std::size_t);
template void LineCoder::code_parts(TextWriter&, TextLine&);
template void LineCoder::code_parts(TextReader&, TextLine&);
template void LineCoder::code_claims(TextWriter&, TextLine&);
template void LineCoder::code_claims(TextReader&, TextLine&);
template void LineCoder::code_raw_claims(TextWriter&, TextLine&);
template void LineCoder::code_raw_claims(TextReader&, TextLine&);

}  // namespace tcs
