// Glyph atlases: what is read is spelled once, and draws any line the same in every window.
#include <algorithm>

#include "fuzz.hpp"
#include "tcs/guidance.hpp"

namespace {

constexpr std::size_t kLine = 6;  // bytes before the atlas that say where and what is drawn
constexpr std::int32_t kWidth = 64, kHeight = 48;
const char* const kStrings[] = {"aW i.", "\xC3\x85g-", "\xE6\xBC\xA2", "e\xCC\x81"};

fuzz::Bytes written(const tcs::GlyphAtlas& atlas) {
    const auto count = atlas.glyphs.size();
    fuzz::Bytes out = {'T',
                       'C',
                       'S',
                       'G',
                       1,
                       atlas.rows,
                       atlas.x_top,
                       atlas.baseline,
                       atlas.blank,
                       atlas.above,
                       atlas.before,
                       atlas.beyond,
                       static_cast<std::uint8_t>(count),
                       static_cast<std::uint8_t>(count >> 8)};
    for (const tcs::Glyph& glyph : atlas.glyphs) {
        fuzz::append_u32(out, glyph.point);
        const std::uint8_t row[] = {glyph.advance, glyph.left,   glyph.width,
                                    glyph.top,     glyph.height, 0};
        out.insert(out.end(), std::begin(row), std::end(row));
    }
    out.insert(out.end(), atlas.bits.begin(), atlas.bits.end());
    return out;
}

// The whole picture, and a part of it that is drawn by itself.
void draw(const tcs::GlyphAtlas& atlas, const std::uint8_t* say) {
    tcs::GuidingLine line;
    line.place.x = say[0] % 24 - 4;
    line.place.y = say[1] % 20 - 4;
    line.place.height = say[2] % 16;
    line.place.length = say[3] % 20;
    line.place.angle = say[4];
    line.string = kStrings[say[5] % 4];
    constexpr std::int32_t x = 7, y = 5, width = 30, height = 20;
    const std::vector<tcs::GuidingLine> lines = {line};
    fuzz::Bytes planes(2 * kWidth * kHeight), part(2 * width * height);
    std::uint8_t* const reach = planes.data() + kWidth * kHeight;
    tcs::draw_guidance(atlas, lines, {kWidth, kHeight, 0, 0, kWidth, kHeight}, planes.data(),
                       reach);
    tcs::draw_guidance(atlas, lines, {kWidth, kHeight, x, y, width, height}, part.data(),
                       part.data() + width * height);
    for (std::int32_t n = 0; n < 2 * height; ++n) {
        const std::int32_t row = n % height + y, plane = n / height;
        const auto cut = planes.begin() + plane * kWidth * kHeight + row * kWidth + x;
        fuzz::expect(std::equal(cut, cut + width, part.begin() + n * width),
                     "a window is cut from the whole");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < kLine) return 0;
    const fuzz::Bytes bytes(data + kLine, data + size);
    tcs::GlyphAtlas atlas;
    const bool read = fuzz::accepted([&] { atlas = tcs::parse_atlas(bytes.data(), bytes.size()); });
    if (!read) return 0;
    fuzz::expect(written(atlas) == bytes, "an atlas has one spelling");
    draw(atlas, data);
    return 0;
}
