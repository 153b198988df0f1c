// READ ME FIRST: lengths are in 64ths of a pixel. A pixel is sampled at 4 x 4 points; each is
// turned into the line's own axes (u along it from its left side, v across it from its middle),
// then into a column and a row of the atlas by a product and a shift. All of it starts from the
// pixel's place in the picture, never from a neighbour's result: so a window is what would be cut
// from the whole.
#include "tcs/guidance.hpp"

#include <algorithm>
#include <string>

#include "guidance_layout.hpp"
#include "tcs/status.hpp"
#include "text_places.hpp"
#include "utf8.hpp"

namespace tcs {
namespace {

constexpr std::int64_t kPixel = 64;
constexpr std::int64_t kPosition = 4 * kPixel;  // of a step of a place's x and y
constexpr int kTurnBits = 14, kRatioBits = 20;
constexpr std::int64_t kSamples = 4;  // a side
// Square pixels a character: so many of a picture of kFirstPixels, in proportion, kMost at most.
constexpr std::int64_t kLeast = 150, kMost = 800, kFirstPixels = 65536;

std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
    const std::int64_t whole = value / divisor;
    return value % divisor != 0 && (value < 0) != (divisor < 0) ? whole - 1 : whole;
}

// Floors: the shift of negative numbers is arithmetic on every compiler of ours.
std::int64_t shifted(std::int64_t value, int bits) {
    return value >> bits;
}

struct Point {
    std::int64_t u = 0, v = 0;
};

struct Span {
    std::int64_t first = 0, last = 0;  // beyond the last
};

// The axes of a line's place, and how far it reaches along them.
struct Axes {
    Axes(const GlyphAtlas& atlas, const Place& place)
        : x(place.x * kPosition),
          y(place.y * kPosition),
          cosine(sine_of(place.angle + kAngles / 4)),
          sine(sine_of(place.angle)),
          length(pixels_64(place.length)),
          half(pixels_64(place.height) / 2),
          beyond(std::max(kPixel, std::min(2 * half, length) * atlas.beyond / 256)) {}

    // Pixels along one axis of the picture that a line may touch: `start` is the place's there,
    // and a step along or across the line is so many 2^14ths of a pixel on it.
    Span pixels(std::int64_t start, std::int64_t along, std::int64_t across) const {
        std::int64_t least = INT64_MAX, most = INT64_MIN;
        for (const std::int64_t u : {-beyond, length + beyond}) {
            for (const std::int64_t v : {-half - beyond, half + beyond}) {
                const std::int64_t at = start + shifted(u * along + v * across, kTurnBits);
                least = std::min(least, at);
                most = std::max(most, at);
            }
        }
        return {floor_div(least, kPixel) - 1, floor_div(most, kPixel) + 2};
    }
    Span rows() const { return pixels(y, sine, cosine); }
    Span columns() const { return pixels(x, cosine, -sine); }

    static std::int64_t sine_of(std::int32_t angle) { return tcs::sine(angle); }

    std::int64_t x, y, cosine, sine, length, half, beyond;
};

bool meets(const Span& span, std::int64_t begin, std::int64_t size) {
    return span.first < begin + size && span.last > begin;
}

// A line in the picture.
class Stroke {
public:
    Stroke(const GlyphAtlas& atlas, LaidOut text, const Axes& axes)
        : atlas_(atlas),
          text_(std::move(text)),
          x_(axes.x),
          y_(axes.y),
          cosine_(axes.cosine),
          sine_(axes.sine),
          length_(axes.length),
          half_(axes.half),
          beyond_(axes.beyond) {
        const std::int64_t height = 2 * half_;
        before_ = std::min(height * atlas.before / 256, length_ / 4);
        above_ = height * atlas.above / 256;
        columns_ = ratio(text_.right - text_.left, length_ - 2 * before_);
        rows_ = ratio(text_.bottom - text_.top, height - 2 * above_);
    }

    // Pixels of a row that it may touch.
    Span pixels(std::int64_t row, Span within) const {
        const std::int64_t y = row * kPixel + kPixel / 2 - y_;
        limit(within, cosine_, kPixel / 2 - x_, y * sine_, -beyond_, length_ + beyond_);
        limit(within, -sine_, kPixel / 2 - x_, y * cosine_, -half_ - beyond_, half_ + beyond_);
        return within;
    }

    std::uint8_t reach(std::int64_t x, std::int64_t y) const {
        const Point at = turned(x * kPixel + kPixel / 2, y * kPixel + kPixel / 2);
        const std::int64_t inside = std::min({at.u + beyond_, length_ + beyond_ - at.u,
                                              at.v + half_ + beyond_, half_ + beyond_ - at.v});
        if (inside <= 0 || text_.glyphs[character_at(text_, column(at.u))] == nullptr) return 0;
        return static_cast<std::uint8_t>(std::min<std::int64_t>(255, inside * 255 / beyond_));
    }

    std::uint8_t ink(std::int64_t x, std::int64_t y) const {
        std::int64_t count = 0;
        constexpr std::int64_t step = kPixel / kSamples;
        for (std::int64_t j = 0; j < kSamples; ++j)
            for (std::int64_t i = 0; i < kSamples; ++i)
                count += is_ink(
                    turned(x * kPixel + i * step + step / 2, y * kPixel + j * step + step / 2));
        constexpr std::int64_t all = kSamples * kSamples;
        return static_cast<std::uint8_t>((count * 255 + all / 2) / all);
    }

private:
    static std::int64_t ratio(std::int64_t cells, std::int64_t length) {
        return (cells << kRatioBits) / std::max<std::int64_t>(length, 1);
    }

    // Narrows `within` to pixels x of least <= ((64 x + start) * slope + rest) / 2^14 <= most, and
    // perhaps one more on each side.
    static void limit(Span& within, std::int64_t slope, std::int64_t start, std::int64_t rest,
                      std::int64_t least, std::int64_t most) {
        const std::int64_t step = kPixel * slope, fixed = start * slope + rest;
        const std::int64_t low = least * (1 << kTurnBits) - fixed;
        const std::int64_t high = (most + 1) * (1 << kTurnBits) - fixed;
        if (step == 0) {
            if (low > 0 || high < 0) within.last = within.first;
            return;
        }
        const std::int64_t one = floor_div(low, step), other = floor_div(high, step);
        within.first = std::max(within.first, std::min(one, other) - 1);
        within.last = std::min(within.last, std::max(one, other) + 2);
    }

    Point turned(std::int64_t x, std::int64_t y) const {
        const std::int64_t dx = x - x_, dy = y - y_;
        return {shifted(dx * cosine_ + dy * sine_, kTurnBits),
                shifted(dy * cosine_ - dx * sine_, kTurnBits)};
    }

    std::int32_t column(std::int64_t u) const {
        const std::int64_t along = std::min(std::max(u - before_, std::int64_t{0}), length_);
        return static_cast<std::int32_t>(text_.left + shifted(along * columns_, kRatioBits));
    }

    bool is_ink(Point at) const {
        const std::int64_t down = at.v + half_ - above_;
        if (at.u < before_ || at.u >= length_ - before_ || down < 0) return false;
        const std::int64_t row = text_.top + shifted(down * rows_, kRatioBits);
        const std::int32_t across = column(at.u);
        const std::size_t index = character_at(text_, across);
        const Glyph* const glyph = text_.glyphs[index];
        if (glyph == nullptr) return false;
        const std::int64_t x = across - text_.begin[index] - glyph->left, y = row - glyph->top;
        if (x < 0 || x >= glyph->width || y < 0 || y >= glyph->height) return false;
        const std::size_t bit = glyph->bits + static_cast<std::size_t>(y * glyph->width + x);
        return (atlas_.bits[bit / 8] >> (7 - bit % 8) & 1) != 0;
    }

    const GlyphAtlas& atlas_;
    LaidOut text_;
    std::int64_t x_, y_, cosine_, sine_, length_, half_, beyond_;
    std::int64_t before_ = 0, above_ = 0;
    std::int64_t columns_ = 0, rows_ = 0;  // of the atlas in a 64th of a pixel, in 2^20ths
};

void check_place(const Place& place) {
    const bool fits = place.x >= kMinPosition && place.x <= kMaxPosition &&
                      place.y >= kMinPosition && place.y <= kMaxPosition && place.height >= 0 &&
                      place.height <= kMaxSize && place.length >= 0 && place.length <= kMaxSize &&
                      place.angle >= 0 && place.angle < kAngles;
    if (!fits) throw Error(ErrorCode::argument, "a line's place: expected one on the grid");
}

bool is_small(const Place& place, std::size_t characters, std::int64_t width, std::int64_t height) {
    const std::int64_t of_picture = kLeast * width * height / kFirstPixels;
    const std::int64_t most = std::min(std::max(of_picture, kLeast), kMost);
    const std::int64_t area = std::int64_t{pixels_64(place.height)} * pixels_64(place.length);
    return area <= static_cast<std::int64_t>(characters) * most * kPixel * kPixel;
}

bool draw(const Stroke& stroke, const Span& rows, const PictureWindow& window,
          std::uint8_t* letters, std::uint8_t* reach) {
    bool drawn = false;
    const std::int64_t first = std::max<std::int64_t>(rows.first, window.y);
    const std::int64_t last = std::min<std::int64_t>(rows.last, window.y + window.height);
    for (std::int64_t y = first; y < last; ++y) {
        const Span all{window.x, window.x + window.width}, span = stroke.pixels(y, all);
        for (std::int64_t x = span.first; x < span.last; ++x) {
            const std::uint8_t share = stroke.reach(x, y);
            if (share == 0) continue;
            const std::int64_t at = (y - window.y) * window.width + x - window.x;
            reach[at] = std::max(reach[at], share);
            letters[at] = std::max(letters[at], stroke.ink(x, y));
            drawn = true;
        }
    }
    return drawn;
}

}  // namespace

bool guides(const GuidingLine& line, std::int32_t picture_width, std::int32_t picture_height) {
    check_place(line.place);
    const std::size_t characters = code_points(line.string).size();
    return characters > 0 && is_small(line.place, characters, picture_width, picture_height);
}

bool draw_guidance(const GlyphAtlas& atlas, const std::vector<GuidingLine>& lines,
                   const PictureWindow& window, std::uint8_t* letters, std::uint8_t* reach) {
    const auto size =
        static_cast<std::size_t>(window.width) * static_cast<std::size_t>(window.height);
    std::fill(letters, letters + size, std::uint8_t{0});
    std::fill(reach, reach + size, std::uint8_t{0});
    bool drawn = false;
    for (const GuidingLine& line : lines) {
        check_place(line.place);
        const Axes axes(atlas, line.place);
        const Span rows = axes.rows();
        // First what takes no time: a picture of many tiles asks for many windows.
        if (!meets(rows, window.y, window.height) ||
            !meets(axes.columns(), window.x, window.width) ||
            !guides(line, window.picture_width, window.picture_height))
            continue;
        LaidOut text = laid_out(atlas, code_points(line.string));
        if (!text.has_ink) continue;
        drawn = draw(Stroke(atlas, std::move(text), axes), rows, window, letters, reach) || drawn;
    }
    return drawn;
}

}  // namespace tcs
