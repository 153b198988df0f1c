// Guidance: sent lines drawn as white letters where they stand, for a net that paints them into a
// decoded picture (docs/reference/guidance.md). Integers only: every machine draws the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tcs/text.hpp"

namespace tcs {

/// A character of one face: a bitmap of its ink. Rows count from the top of a line's cell.
struct Glyph {
    std::uint32_t point = 0;   // Unicode
    std::uint8_t advance = 0;  // columns to the next character; left + width <= advance
    std::uint8_t left = 0;     // columns before the ink
    std::uint8_t width = 0;    // of the ink; 0 where there is none
    std::uint8_t top = 0;      // first row of the ink
    std::uint8_t height = 0;   // of the ink
    std::size_t bits = 0;      // where its rows begin in GlyphAtlas::bits, in bits
};

/// All glyphs that can be drawn. Shares of a line's height are in 256ths.
struct GlyphAtlas {
    std::uint8_t rows = 0;      // of a cell
    std::uint8_t x_top = 0;     // first row of small letters
    std::uint8_t baseline = 0;  // first row below letters
    std::uint8_t blank = 0;     // advance of characters that are not here
    std::uint8_t above = 0;     // share of the height between a line's edge and its ink
    std::uint8_t before = 0;    // the same at its ends
    std::uint8_t beyond = 0;    // share of the height by which painting may pass a line's edges
    std::vector<Glyph> glyphs;  // by rising point
    std::vector<std::uint8_t> bits;  // highest bit first; 1 is ink

    /// The glyph of a character, or nullptr.
    const Glyph* find(std::uint32_t point) const noexcept;
    /// Columns from a character to the next one.
    std::int32_t advance_of(std::uint32_t point) const noexcept;
};

/// Reads an atlas. Any bytes are safe.
/// Throws Error(atlas): it breaks its format.
GlyphAtlas parse_atlas(const std::uint8_t* data, std::size_t size);

struct GuidingLine {
    Place place;
    std::string string;  // UTF-8
};

/// A part of a coded picture of width x height pixels.
struct PictureWindow {
    std::int32_t picture_width = 0;
    std::int32_t picture_height = 0;
    std::int32_t x = 0;
    std::int32_t y = 0;
    std::int32_t width = 0;
    std::int32_t height = 0;
};

/// Whether a line's letters are so small that it guides: at most so many square pixels a character,
/// 150 in a picture of 65,536 pixels, in proportion to its pixels, 800 at most.
/// Throws Error(argument): the string is not UTF-8, or the place is beyond the grid.
bool guides(const GuidingLine& line, std::int32_t picture_width, std::int32_t picture_height);

/// Draws the lines that guide. REQUIRES window within its picture; `letters` and `reach` of
/// width x height each, row by row.
/// letters: 0..255, how much of the pixel is ink. reach: 0..255, how much of what a net paints is
/// to show: 255 within a line, falling to 0 beyond its edges, 0 where no character with a glyph is.
/// Each pixel is a function of where it lies in the picture: a window equals what is cut from all.
/// Returns whether anything is to be painted.
/// Throws Error(argument) as `guides` does.
bool draw_guidance(const GlyphAtlas& atlas, const std::vector<GuidingLine>& lines,
                   const PictureWindow& window, std::uint8_t* letters, std::uint8_t* reach);

}  // namespace tcs
