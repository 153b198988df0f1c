#include "guidance_layout.hpp"

#include <algorithm>

namespace tcs {
namespace {

constexpr std::int32_t kTurn = 256, kQuarter = 64;
// A quarter of the wave. Floats would differ from library to library.
constexpr std::int16_t kSines[kQuarter + 1] = {
    0,     402,   804,   1205,  1606,  2006,  2404,  2801,  3196,  3590,  3981,  4370,  4756,
    5139,  5520,  5897,  6270,  6639,  7005,  7366,  7723,  8076,  8423,  8765,  9102,  9434,
    9760,  10080, 10394, 10702, 11003, 11297, 11585, 11866, 12140, 12406, 12665, 12916, 13160,
    13395, 13623, 13842, 14053, 14256, 14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557,
    15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384,
};

}  // namespace

std::int32_t sine(std::int32_t n) noexcept {
    const std::int32_t within = n & (kTurn - 1);
    const std::int32_t half = within & (kTurn / 2 - 1);
    const std::int32_t value = kSines[half <= kQuarter ? half : kTurn / 2 - half];
    return within < kTurn / 2 ? value : -value;
}

LaidOut laid_out(const GlyphAtlas& atlas, const std::vector<std::uint32_t>& points) {
    LaidOut line;
    line.top = atlas.x_top;
    line.bottom = atlas.baseline;
    std::int32_t at = 0;
    bool first = true;
    const auto take = [&](std::int32_t left, std::int32_t right) {
        line.left = first ? left : std::min(line.left, left);
        line.right = first ? right : std::max(line.right, right);
        first = false;
    };
    for (const std::uint32_t point : points) {
        const Glyph* const glyph = atlas.find(point);
        line.glyphs.push_back(glyph);
        line.begin.push_back(at);
        if (glyph == nullptr) {
            take(at, at + atlas.blank);
        } else if (glyph->width > 0 && glyph->height > 0) {
            line.has_ink = true;
            take(at + glyph->left, at + glyph->left + glyph->width);
            line.top = std::min<std::int32_t>(line.top, glyph->top);
            line.bottom = std::max<std::int32_t>(line.bottom, glyph->top + glyph->height);
        }
        at += atlas.advance_of(point);
    }
    return line;
}

std::size_t character_at(const LaidOut& line, std::int32_t column) noexcept {
    const auto after = std::upper_bound(line.begin.begin(), line.begin.end(), column);
    return after == line.begin.begin() ? 0
                                       : static_cast<std::size_t>(after - line.begin.begin()) - 1;
}

}  // namespace tcs
