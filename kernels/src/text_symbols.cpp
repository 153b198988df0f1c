#include "text_symbols.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace tcs {
namespace {

constexpr int kDigits = 27;
constexpr int kMarks = 37;
constexpr int kSpace = kMarks;
constexpr int kDirect = 71;
// Pound, euro, degree, e acute, o u a with diaeresis, apostrophe, dash.
constexpr std::uint32_t kDirectPoints[] = {0xA3, 0x20AC, 0xB0,   0xE9,  0xF6,
                                           0xFC, 0xE4,   0x2019, 0x2013};

constexpr bool is_alphanumeric(std::uint32_t point) noexcept {
    return (point >= '0' && point <= '9') || (point >= 'A' && point <= 'Z') ||
           (point >= 'a' && point <= 'z');
}

// Code points of symbols, letters as small ones.
std::array<std::uint32_t, kSymbols> make_points() noexcept {
    std::array<std::uint32_t, kSymbols> points{};
    for (std::uint32_t n = 0; n < 26; ++n)
        points[1 + n] = 'a' + n;
    for (std::uint32_t n = 0; n < 10; ++n)
        points[kDigits + n] = '0' + n;
    std::size_t mark = kMarks;
    for (std::uint32_t point = ' '; point <= '~'; ++point) {
        if (!is_alphanumeric(point)) points[mark++] = point;
    }
    std::copy(std::begin(kDirectPoints), std::end(kDirectPoints), points.begin() + kDirect);
    return points;
}

const std::array<std::uint32_t, kSymbols>& points() noexcept {
    static const auto table = make_points();
    return table;
}

}  // namespace

Character symbol_of(std::uint32_t point) noexcept {
    if (point == 0) return {kEscape, false};  // zeros in the table stand for END and the escape
    const bool upper = point >= 'A' && point <= 'Z';
    const auto& table = points();
    const auto found = std::find(table.begin(), table.end(), upper ? point + 32 : point);
    if (found == table.end()) return {kEscape, false};
    return {static_cast<int>(found - table.begin()), upper};
}

std::uint32_t point_of(Character character) noexcept {
    const std::uint32_t point = points()[static_cast<std::size_t>(character.symbol)];
    return character.upper ? point - 32 : point;
}

void Word::step(Character character) noexcept {
    const int symbol = character.symbol;
    if (is_letter(symbol)) {
        if (state_ < initial) {
            state_ = character.upper ? initial : small;
        } else if (character.upper) {
            state_ = state_ == initial || state_ == capitals ? capitals : mixed;
        } else {
            if (state_ != small) state_ = state_ == initial || state_ == title ? title : mixed;
        }
        return;
    }
    if (state_ == small) style_ = 1;
    if (state_ == capitals) style_ = 2;
    if (state_ == title) style_ = 3;
    state_ = symbol == kEnd                         ? start
             : symbol == kSpace                     ? after_space
             : symbol >= kDigits && symbol < kMarks ? after_digit
                                                    : after_mark;
}

}  // namespace tcs
