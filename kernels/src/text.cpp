#include "tcs/text.hpp"

#include <string>

#include "tcs/status.hpp"
#include "text_fields.hpp"
#include "text_places.hpp"
#include "text_strings.hpp"
#include "utf8.hpp"

namespace tcs {
namespace {

// A line as it is coded.
struct Coded {
    TextLine line;
    std::vector<std::uint32_t> points;
    Offsets offsets;

    std::size_t characters() const noexcept {
        return line.has_string ? points.size() : Layout::kNoString;
    }
};

[[noreturn]] void refuse(std::size_t n, const std::string& message) {
    throw Error(ErrorCode::argument, "line " + std::to_string(n) + ": " + message);
}

void check_range(std::size_t n, const char* name, long value, long least, long most) {
    if (value >= least && value <= most) return;
    refuse(n, std::string(name) + ": expected " + std::to_string(least) + " to " +
                  std::to_string(most) + ", came " + std::to_string(value));
}

void check_line(std::size_t n, const TextLine& line) {
    const Place& place = line.place;
    check_range(n, "state", static_cast<long>(line.state), 0, 3);
    check_range(n, "confidence", line.confidence, 0, line.has_string ? kMaxConfidence : 0);
    if (!line.placed && !(place == Place{})) refuse(n, "expected no place, came one");
    if (!line.has_string && !line.string.empty()) refuse(n, "expected no string, came one");
    check_range(n, "x", place.x, kMinPosition, kMaxPosition);
    check_range(n, "y", place.y, kMinPosition, kMaxPosition);
    check_range(n, "height", place.height, 0, kMaxSize);
    check_range(n, "length", place.length, 0, kMaxSize);
    check_range(n, "angle", place.angle, 0, kAngles - 1);
    const std::int32_t step = angle_step(place.height, place.length);
    check_range(n, "angle beyond a multiple of its step", place.angle % step, 0, 0);
}

void check_count(std::size_t count) {
    if (count <= kMaxTextLines) return;
    throw Error(ErrorCode::limit, "text: expected at most " + std::to_string(kMaxTextLines) +
                                      " lines, came " + std::to_string(count));
}

std::vector<Coded> prepare(const Text& text) {
    check_count(text.lines.size());
    Layout layout;
    std::vector<Coded> lines;
    for (const TextLine& line : text.lines) {
        check_line(lines.size(), line);
        Coded coded{line, code_points(line.string), {}};
        if (line.placed) coded.offsets = layout.offsets_of(line.place, coded.characters());
        lines.push_back(std::move(coded));
    }
    return lines;
}

// A text without its places, of which it has the offsets; a reader's lines are none at first.
template <class Io>
void code_text(Io& io, bool& verified, std::vector<Coded>& lines) {
    const std::size_t count = code_count(io, lines.size());
    LineCoder fields;
    OffsetCoder offsets;
    Strings strings;
    bool first_place = true;
    for (std::size_t n = 0; n < count; ++n) {
        if (n == lines.size()) lines.emplace_back();  // no memory before there are bits for it
        Coded& coded = lines[n];
        fields.code_parts(io, coded.line);
        if (n > 0 || coded.line.placed) fields.code_claims(io, coded.line);
        if (coded.line.has_string) coded.points = strings.code(io, coded.points);
        if (!coded.line.placed) continue;
        offsets.code_sizes(io, coded.offsets, first_place, coded.line.has_string);
        first_place = false;
    }
    // Raw bits, which fill the coder's first state.
    for (Coded& coded : lines) {
        if (coded.line.placed) OffsetCoder::code_low_bits(io, coded.offsets);
    }
    if (count > 0 && !lines.front().line.placed) LineCoder::code_raw_claims(io, lines.front().line);
    verified = io.raw(1, verified ? 1 : 0) != 0;
}

}  // namespace

bool operator==(const Place& one, const Place& other) noexcept {
    return one.x == other.x && one.y == other.y && one.height == other.height &&
           one.length == other.length && one.angle == other.angle;
}

bool operator==(const TextLine& one, const TextLine& other) noexcept {
    return one.placed == other.placed && one.has_string == other.has_string &&
           one.state == other.state && one.confidence == other.confidence &&
           one.place == other.place && one.string == other.string;
}

std::vector<std::uint8_t> encode_text(const Text& text) {
    std::vector<Coded> lines = prepare(text);
    TextWriter out;
    bool verified = text.verified;
    code_text(out, verified, lines);
    return out.finish();
}

Text decode_text(const std::uint8_t* data, std::size_t size) {
    TextReader in(data, size);
    Text text;
    std::vector<Coded> lines;
    code_text(in, text.verified, lines);
    in.finish();
    Layout layout;
    for (Coded& coded : lines) {
        if (coded.line.placed)
            coded.line.place = layout.place_of(coded.offsets, coded.characters());
        for (const std::uint32_t point : coded.points)
            append_utf8(coded.line.string, point);
        text.lines.push_back(std::move(coded.line));
    }
    return text;
}

}  // namespace tcs
