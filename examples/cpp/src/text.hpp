// Text that a stream carries beside its picture: lines of a file to a chunk, and a chunk to lines.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "files.hpp"
#include "stream.hpp"

namespace example {

// x and y of a line's corners, clockwise from the top left of the text.
using Corners = std::array<double, 8>;

struct TextLine {
    std::optional<std::string> string;  // UTF-8; none: the line comes for its state alone
    std::optional<Corners> corners;     // none: its place was not sent
    std::uint8_t state = TCS_LINE_SENT;
    std::uint8_t confidence = 7;  // 0..7, of the string
};

struct Text {
    bool verified = false;  // every line of the picture that is not listed is verified
    std::vector<TextLine> lines;
};

// The lines of a text file, each "TEXT" or "x,y x,y x,y x,y<TAB>TEXT", empty ones left out.
// Throws Error that names the line whose corners are none.
Text read_lines(const std::string& path, const Bytes& data);

// The payload of a text chunk. Throws Error where a line is no UTF-8 or there are too many.
Bytes text_payload(const Text& text);

// The text of a stream, corners in pixels of the picture as shown; empty where it has none.
Text text_of(const Stream& stream);

// What to print of it: a line each, nothing of which steers a terminal.
std::string described(const Text& text);

}  // namespace example
