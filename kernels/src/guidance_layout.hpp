// A line on its way to pixels: which character stands where, and the integers that lead there.
#pragma once

#include <cstdint>
#include <vector>

#include "tcs/guidance.hpp"

namespace tcs {

/// A string in columns and rows of the atlas.
struct LaidOut {
    std::vector<const Glyph*> glyphs;  // of each character; nullptr where the atlas has none
    std::vector<std::int32_t> begin;   // of each character's cell, rising
    std::int32_t left = 0, right = 0;  // from the first to beyond the last ink or missing character
    std::int32_t top = 0, bottom = 0;  // rows of ink, at least those of small letters

    bool has_ink = false;
};

/// Lays a string out. REQUIRES points not empty.
LaidOut laid_out(const GlyphAtlas& atlas, const std::vector<std::uint32_t>& points);

/// Index of the character in whose cell a column lies; columns before and behind belong to the
/// first and the last.
std::size_t character_at(const LaidOut& line, std::int32_t column) noexcept;

/// sin(2 pi n / 256) in 2^14ths, of any n.
std::int32_t sine(std::int32_t n) noexcept;

}  // namespace tcs
