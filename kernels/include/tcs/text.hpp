// Text that is sent beside a picture: the payload of a text chunk (docs/reference/format.md, 7).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tcs {

constexpr std::size_t kMaxTextLines = 4095;
/// Of all strings of a chunk together, each with one more for its end.
constexpr std::size_t kMaxTextCharacters = 65535;
constexpr int kMaxConfidence = 7;

/// Where a line stands, on the grid of the format: a rotated rectangle whose left side has its
/// middle at (4 x, 4 y) pixels of the coded picture.
struct Place {
    std::int32_t x = 0;       // kMinPosition..kMaxPosition
    std::int32_t y = 0;       // the same
    std::int32_t height = 0;  // 2^(height / 3) pixels, 0..kMaxSize
    std::int32_t length = 0;  // 2^(length / 3) pixels, 0..kMaxSize
    std::int32_t angle = 0;   // in 256ths of a turn, 0..255, clockwise; 0 reads to the right;
                              // a multiple of angle_step
};

constexpr std::int32_t kMinPosition = -32768;
constexpr std::int32_t kMaxPosition = 32767;
constexpr std::int32_t kMaxSize = 50;
constexpr std::int32_t kAngles = 256;

/// Short lines have coarser angles, so that their far end is off by a fifth of the height at most:
/// 4 up to a length of 3.2 heights, 2 up to 6.3, else 1.
std::int32_t angle_step(std::int32_t height, std::int32_t length) noexcept;

bool operator==(const Place& one, const Place& other) noexcept;

/// What the sender says of a line.
enum class LineState : std::uint8_t {
    none = 0,      // nothing
    verified = 1,  // it is read in the picture as in the original
    doubtful = 2,  // it is not, and what is seen there is not to be relied on
    sent = 3,      // its string is what was read or known, whatever is seen in the picture
};

struct TextLine {
    bool placed = false;
    bool has_string = false;
    LineState state = LineState::none;
    std::uint8_t confidence = 0;  // 0..7, of the string; 0 without one
    Place place;                  // zeros if not placed
    std::string string;           // UTF-8; "" without one
};

bool operator==(const TextLine& one, const TextLine& other) noexcept;

struct Text {
    bool verified = false;  // every line of the picture that is not listed is verified
    std::vector<TextLine> lines;
};

/// Codes a text. Equal texts have equal bytes, on every machine.
/// Throws Error(argument): strings that are not UTF-8, fields out of range, fields of what is not
/// there; Error(limit): more than kMaxTextLines or kMaxTextCharacters.
std::vector<std::uint8_t> encode_text(const Text& text);

/// Reads what encode_text writes and nothing else. Any bytes are safe.
/// Throws Error: corrupt, limit, newer_version (another generation of the character model).
Text decode_text(const std::uint8_t* data, std::size_t size);

/// (x, y) of the corners in pixels of the coded picture, clockwise from the top left of the text.
using Corners = std::array<double, 8>;

/// The grid's rectangle nearest to four corners: about their middle, along the line through the
/// middles of the left and right side, of the same area. Positions and sizes beyond the grid become
/// its last ones.
/// Throws Error(argument) for corners that are not finite.
Place place_of(const Corners& corners);

/// Corners of a place. REQUIRES its fields in range. place_of(corners_of(place)) is the place.
Corners corners_of(const Place& place);

}  // namespace tcs
