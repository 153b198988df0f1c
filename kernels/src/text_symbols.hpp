// Characters as the model of sent text sees them: symbols without case, and what is known of the
// word that is being written.
#pragma once

#include <cstdint>

namespace tcs {

// Symbol 0 ends a string, 1..26 are letters, 27..36 figures, 37..69 the other printable characters
// of ASCII in their order, 70 escapes to any code point, 71..79 the characters of text_symbols.cpp.
constexpr int kSymbols = 80;
constexpr int kEnd = 0;
constexpr int kEscape = 70;
constexpr int kPad = 80;  // stands before a string's first symbol; never coded

inline bool is_letter(int symbol) noexcept {
    return symbol >= 1 && symbol <= 26;
}

struct Character {
    int symbol;
    bool upper;  // of letters
};

/// Symbol of a code point, kEscape for those that have none.
Character symbol_of(std::uint32_t point) noexcept;

/// Code point of a character. REQUIRES a symbol other than kEnd and kEscape.
std::uint32_t point_of(Character character) noexcept;

/// State of the word being written and style of the last one, for cases and for the net.
class Word {
public:
    static constexpr int kStates = 9;
    static constexpr int kStyles = 4;

    int state() const noexcept { return state_; }
    int style() const noexcept { return style_; }
    /// Goes on behind a character, or behind a string's end.
    void step(Character character) noexcept;

private:
    enum State {
        start,
        after_space,
        after_digit,
        after_mark,
        initial,
        capitals,
        title,
        small,
        mixed
    };

    int state_ = start;
    int style_ = 0;  // none yet, small, capitals, title
};

}  // namespace tcs
