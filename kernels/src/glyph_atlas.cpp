#include <algorithm>
#include <string>

#include "tcs/guidance.hpp"
#include "tcs/status.hpp"
#include "utf8.hpp"

namespace tcs {
namespace {

constexpr std::uint8_t kMagic[] = {'T', 'C', 'S', 'G', 1};
constexpr std::size_t kHeader = 14, kRow = 10;

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorCode::atlas, "glyph atlas: " + what + "; install the model again");
}

Glyph glyph_of(const std::uint8_t* row) {
    Glyph glyph;
    for (int n = 3; n >= 0; --n)
        glyph.point = glyph.point << 8 | row[n];
    glyph.advance = row[4];
    glyph.left = row[5];
    glyph.width = row[6];
    glyph.top = row[7];
    glyph.height = row[8];
    return glyph;
}

void check(const GlyphAtlas& atlas, const Glyph& glyph) {
    const bool within = glyph.left + glyph.width <= glyph.advance && glyph.advance > 0 &&
                        glyph.top + glyph.height <= atlas.rows;
    const bool rising = atlas.glyphs.empty() || atlas.glyphs.back().point < glyph.point;
    if (within && rising && is_code_point(glyph.point)) return;
    refuse("expected rising code points whose ink lies in their cells, came " +
           std::to_string(glyph.point));
}

}  // namespace

const Glyph* GlyphAtlas::find(std::uint32_t point) const noexcept {
    const auto at = std::lower_bound(
        glyphs.begin(), glyphs.end(), point,
        [](const Glyph& glyph, std::uint32_t wanted) { return glyph.point < wanted; });
    return at != glyphs.end() && at->point == point ? &*at : nullptr;
}

std::int32_t GlyphAtlas::advance_of(std::uint32_t point) const noexcept {
    const Glyph* const glyph = find(point);
    return glyph == nullptr ? blank : glyph->advance;
}

GlyphAtlas parse_atlas(const std::uint8_t* data, std::size_t size) {
    if (size < kHeader || !std::equal(std::begin(kMagic), std::end(kMagic), data))
        refuse("expected one of version 1, came other bytes");
    GlyphAtlas atlas;
    atlas.rows = data[5];
    atlas.x_top = data[6];
    atlas.baseline = data[7];
    atlas.blank = data[8];
    atlas.above = data[9];
    atlas.before = data[10];
    atlas.beyond = data[11];
    const bool cell = atlas.x_top < atlas.baseline && atlas.baseline <= atlas.rows;
    if (!cell || atlas.blank == 0 || atlas.above >= 128 || atlas.before >= 128)
        refuse("expected rows in order, an advance, and margins of less than half a line");
    const auto count = static_cast<std::size_t>(data[12] | data[13] << 8);
    if (size - kHeader < count * kRow)
        refuse("expected " + std::to_string(count) + " glyphs, came fewer bytes");
    std::size_t bits = 0;
    for (std::size_t n = 0; n < count; ++n) {
        const std::uint8_t* const row = data + kHeader + n * kRow;
        Glyph glyph = glyph_of(row);
        check(atlas, glyph);
        if (row[kRow - 1] != 0) refuse("expected rows of glyphs that end in 0");
        glyph.bits = bits;
        bits += (static_cast<std::size_t>(glyph.width) * glyph.height + 7) / 8 * 8;
        atlas.glyphs.push_back(glyph);
    }
    atlas.bits.assign(data + kHeader + count * kRow, data + size);
    if (atlas.bits.size() * 8 != bits)
        refuse("expected " + std::to_string(bits / 8) + " bytes of bitmaps, came " +
               std::to_string(atlas.bits.size()));
    return atlas;
}

}  // namespace tcs
