// Text that is sent, of the C interface.
#include <algorithm>

#include "c_api.hpp"
#include "tcs/text.hpp"

using namespace tcs::c_api;

namespace {

tcs::Place from_c(const tcs_place& from) {
    tcs::Place place;
    place.x = from.x;
    place.y = from.y;
    place.height = from.height;
    place.length = from.length;
    place.angle = from.angle;
    return place;
}

tcs_place to_c(const tcs::Place& from) {
    return {from.x, from.y, from.height, from.length, from.angle};
}

tcs::TextLine from_c(const tcs_text_line& from) {
    tcs::TextLine line;
    line.placed = from.placed != 0;
    line.state = static_cast<tcs::LineState>(from.state);
    line.confidence = from.confidence;
    line.place = from_c(from.place);
    line.has_string = from.string != nullptr;
    if (line.has_string) line.string.assign(from.string, from.length);
    return line;
}

// One block: the structs, then the strings, each with a zero behind it.
tcs_text_line* hand_out_lines(const tcs::Text& text) {
    if (text.lines.empty()) return nullptr;
    std::size_t size = text.lines.size() * sizeof(tcs_text_line);
    for (const tcs::TextLine& line : text.lines)
        size += line.string.size() + 1;
    auto* const memory = static_cast<char*>(std::malloc(size));
    if (memory == nullptr) throw std::bad_alloc();
    auto* const lines = reinterpret_cast<tcs_text_line*>(memory);
    char* string = memory + text.lines.size() * sizeof(tcs_text_line);
    for (std::size_t n = 0; n < text.lines.size(); ++n) {
        const tcs::TextLine& line = text.lines[n];
        std::memcpy(string, line.string.c_str(), line.string.size() + 1);
        lines[n] = {line.has_string ? string : nullptr,
                    line.string.size(),
                    to_c(line.place),
                    static_cast<std::uint8_t>(line.placed ? 1 : 0),
                    static_cast<std::uint8_t>(line.state),
                    line.confidence};
        string += line.string.size() + 1;
    }
    return lines;
}

}  // namespace

tcs_status tcs_encode_text(uint8_t verified, const tcs_text_line* lines, size_t count,
                           uint8_t** data, size_t* size) {
    return guard([&] {
        require_bytes(lines, count, "lines");
        require(data, "data");
        require(size, "size");
        tcs::Text text;
        text.verified = verified != 0;
        for (std::size_t n = 0; n < count; ++n)
            text.lines.push_back(from_c(lines[n]));
        const std::vector<std::uint8_t> bytes = tcs::encode_text(text);
        *data = hand_out(bytes);
        *size = bytes.size();
    });
}

tcs_status tcs_decode_text(const uint8_t* data, size_t size, uint8_t* verified,
                           tcs_text_line** lines, size_t* count) {
    return guard([&] {
        require_bytes(data, size, "data");
        require(verified, "verified");
        require(lines, "lines");
        require(count, "count");
        const tcs::Text text = tcs::decode_text(data, size);
        *lines = hand_out_lines(text);
        *count = text.lines.size();
        *verified = text.verified ? 1 : 0;
    });
}

tcs_status tcs_place_of(const double corners[8], tcs_place* place) {
    return guard([&] {
        require(corners, "corners");
        require(place, "place");
        tcs::Corners numbers;
        std::copy(corners, corners + numbers.size(), numbers.begin());
        *place = to_c(tcs::place_of(numbers));
    });
}

tcs_status tcs_corners_of(const tcs_place* place, double corners[8]) {
    return guard([&] {
        require(place, "place");
        require(corners, "corners");
        const tcs::Corners numbers = tcs::corners_of(from_c(*place));
        std::copy(numbers.begin(), numbers.end(), corners);
    });
}
