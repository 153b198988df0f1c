#include "text_strings.hpp"

#include "tcs/status.hpp"
#include "tcs/text.hpp"
#include "utf8.hpp"

namespace tcs {
namespace {

// A code point is a page of 32 and a low part; a plane here is 128 pages.
constexpr int kLowBits = 5;
constexpr int kPageBits = 7;
constexpr int kPlaneBits = 9;
constexpr std::uint32_t kPlanes = 0x110000 >> (kLowBits + kPageBits);

[[noreturn]] void corrupt(const std::string& message) {
    throw Error(ErrorCode::corrupt, "text: " + message);
}

}  // namespace

Strings::Strings() {
    for (int state = 0; state < Word::kStates; ++state) {
        for (int style = 0; style < Word::kStyles; ++style) {
            const CasePrior prior = case_prior(state, style);
            Chance& chance = upper_[static_cast<std::size_t>(state * Word::kStyles + style)];
            chance.value = prior.chance;
            chance.firmness = prior.firmness;
        }
    }
}

template <class Io>
int Strings::code_symbol(Io& io, int value) {
    SymbolWeights weights;
    const int length = static_cast<int>(line_.size() - kMaxDepth);
    predict({line_.data() + line_.size(), length, &word_}, weights);
    Distribution mixed;
    history_.mix(weights, mixed);
    const int symbol = io.symbol(mixed, value);
    history_.push(symbol);
    line_.push_back(static_cast<std::uint8_t>(symbol));
    if (++characters_ > kMaxTextCharacters) {
        throw Error(ErrorCode::limit, "text: expected at most " +
                                          std::to_string(kMaxTextCharacters) +
                                          " characters in all strings, came more");
    }
    return symbol;
}

template <class Io>
std::uint32_t Strings::code_escape(Io& io, std::uint32_t point) {
    const std::uint32_t last_plane = page_ >> kPageBits;
    std::uint32_t page = point >> kLowBits;
    if (io.bit(same_page_, page == page_)) {
        page = page_;
    } else {
        std::uint32_t plane = page >> kPageBits;
        if (io.bit(same_plane_, plane == last_plane)) {
            plane = last_plane;
        } else {
            plane = io.raw(kPlaneBits, plane);
            if (plane == last_plane || plane >= kPlanes) corrupt("a character in a wrong plane");
        }
        page = plane << kPageBits | io.raw(kPageBits, page & ((1U << kPageBits) - 1));
        if (page == page_) corrupt("a character's page is spelled though it is the last one's");
    }
    page_ = page;
    point = page << kLowBits | io.raw(kLowBits, point & ((1U << kLowBits) - 1));
    if (!is_code_point(point) || symbol_of(point).symbol != kEscape)
        corrupt("expected a code point without a symbol behind an escape, came " +
                std::to_string(point));
    return point;
}

template <class Io>
std::vector<std::uint32_t> Strings::code(Io& io, const std::vector<std::uint32_t>& points) {
    line_.assign(kMaxDepth, std::uint8_t{kPad});
    std::vector<std::uint32_t> coded;
    for (std::size_t n = 0;; ++n) {
        const bool more = n < points.size();
        Character character = more ? symbol_of(points[n]) : Character{kEnd, false};
        character.symbol = code_symbol(io, character.symbol);
        if (is_letter(character.symbol)) {
            Chance& chance =
                upper_[static_cast<std::size_t>(word_.state() * Word::kStyles + word_.style())];
            character.upper = io.bit(chance, character.upper);
        }
        word_.step(character);
        if (character.symbol == kEnd) return coded;
        coded.push_back(character.symbol == kEscape ? code_escape(io, more ? points[n] : 0)
                                                    : point_of(character));
    }
}

template std::vector<std::uint32_t> Strings::code(TextWriter&, const std::vector<std::uint32_t>&);
template std::vector<std::uint32_t> Strings::code(TextReader&, const std::vector<std::uint32_t>&);

}  // namespace tcs
