// Places of lines as what they differ by from where a line is expected behind the one before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tcs/text.hpp"
#include "text_io.hpp"

namespace tcs {

/// Pixels of a size on the grid, in 64ths: about 64 * 2^(size / 3). REQUIRES 0..kMaxSize.
std::int32_t pixels_64(std::int32_t size) noexcept;

/// A place against what was expected. `row`: the line goes on the row of the line before.
struct Offsets {
    bool row = false;
    std::int32_t x = 0, y = 0, height = 0, length = 0, angle = 0;
};

/// Where lines are expected: the first at the top left, the others behind the line before or at
/// the start of the next row.
class Layout {
public:
    static constexpr std::size_t kNoString = ~std::size_t{0};

    /// Offsets of a line with a string of some characters, or kNoString, and goes on behind it.
    Offsets offsets_of(const Place& place, std::size_t characters);
    /// The inverse. Throws Error(corrupt) for a place beyond the grid and for offsets that
    /// offsets_of would not give.
    Place place_of(const Offsets& offsets, std::size_t characters);
    bool first() const noexcept { return first_; }

private:
    Place expected(bool row, std::int32_t height, std::size_t characters) const noexcept;
    Offsets against(const Place& place, bool row, std::size_t characters) const noexcept;
    void go_on(const Place& place, bool row) noexcept;

    bool first_ = true;
    Place last_;   // line
    Place start_;  // first line of the last one's row
};

/// Codes offsets in two steps: how large they are, and at the end of the chunk their low bits,
/// which are as likely 0 as 1 and fill the coder's first state.
class OffsetCoder {
public:
    OffsetCoder();

    template <class Io>
    void code_sizes(Io& io, Offsets& offsets, bool first, bool with_string);
    template <class Io>
    static void code_low_bits(Io& io, Offsets& offsets);

private:
    static constexpr std::size_t kSizes = 18;  // of numbers below 2^17, and one more

    struct Field {
        std::array<Chance, kSizes> longer;  // than so many bits
        std::array<Chance, 3> negative;     // of one bit, of two, of more
    };

    template <class Io>
    static void code_size(Io& io, Field& field, std::int32_t& value);

    Chance row_;
    Field position_[3][2];  // of the first line, behind a line, in a new row; x, y
    Field height_[2];       // of the first line, of others
    Field length_[2];       // without a string, with one
    Field angle_;
};

}  // namespace tcs
