#include "text.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "error.hpp"
#include "kernel.hpp"

namespace example {
namespace {

const char* const kStates[] = {"nothing said", "verified", "doubtful", "sent"};

// "x,y x,y x,y x,y" -> eight numbers; none where it is something else.
std::optional<Corners> parse_corners(const std::string& words) {
    Corners corners{};
    const char* at = words.c_str();
    for (std::size_t i = 0; i < corners.size(); ++i) {
        char* stop = nullptr;
        corners[i] = std::strtod(at, &stop);
        const char expected = i + 1 == corners.size() ? '\0' : i % 2 == 0 ? ',' : ' ';
        if (stop == at || *stop != expected) return std::nullopt;
        at = stop + 1;
    }
    return corners;
}

TextLine parse_line(const std::string& line, const std::string& where) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) return {line, std::nullopt};
    const std::optional<Corners> corners = parse_corners(line.substr(0, tab));
    if (!corners) {
        throw Error(where + ": expected TEXT, or x,y x,y x,y x,y, a tab and TEXT");
    }
    return {line.substr(tab + 1), corners};
}

// A string in quotes, control characters (U+0000..1F, 7F..9F) as \u....
std::string quoted(const std::string& text) {
    std::string shown = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
        const bool high = byte == 0xC2 && next >= 0x80 && next < 0xA0;
        if (byte < 0x20 || byte == 0x7F || high) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", high ? next : byte);
            shown += escape;
            i += high ? 1 : 0;
        } else {
            shown +=
                (byte == '"' || byte == '\\') ? std::string("\\") + text[i] : text.substr(i, 1);
        }
    }
    return shown + "\"";
}

TextLine from_kernel(const tcs_text_line& line, double across, double down) {
    TextLine made{std::nullopt, std::nullopt, line.state, line.confidence};
    if (line.string != nullptr) made.string.emplace(line.string, line.length);
    if (line.placed != 0) {
        Corners corners{};
        check(tcs_corners_of(&line.place, corners.data()));
        for (std::size_t i = 0; i < corners.size(); ++i)
            corners[i] *= i % 2 == 0 ? across : down;
        made.corners = corners;
    }
    return made;
}

}  // namespace

Text read_lines(const std::string& path, const Bytes& data) {
    Text text;
    std::string line;
    std::size_t number = 0;
    const auto add = [&] {
        ++number;
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (!line.empty()) {
            text.lines.push_back(parse_line(line, path + ":" + std::to_string(number)));
        }
        line.clear();
    };
    for (const std::uint8_t byte : data) {
        if (byte == '\n') {
            add();
        } else {
            line += static_cast<char>(byte);
        }
    }
    add();
    return text;
}

Bytes text_payload(const Text& text) {
    std::vector<tcs_text_line> lines;
    for (const TextLine& line : text.lines) {
        tcs_text_line made{};
        made.state = line.state;
        if (line.string) {
            made.string = line.string->data();
            made.length = line.string->size();
            made.confidence = line.confidence;
        }
        if (line.corners) {
            made.placed = 1;
            check(tcs_place_of(line.corners->data(), &made.place));
        }
        lines.push_back(made);
    }
    std::uint8_t* data = nullptr;
    std::size_t size = 0;
    check(tcs_encode_text(text.verified ? 1 : 0, lines.data(), lines.size(), &data, &size));
    return take(data, size);
}

Text text_of(const Stream& stream) {
    Text text;
    if (stream.text.empty()) return text;
    std::uint8_t verified = 0;
    tcs_text_line* lines = nullptr;
    std::size_t count = 0;
    check(tcs_decode_text(stream.text.data(), stream.text.size(), &verified, &lines, &count));
    const std::unique_ptr<tcs_text_line, Free> owner(lines);
    const tcs_header& header = stream.header;
    const double across = static_cast<double>(header.shown_width) / header.width;
    const double down = static_cast<double>(header.shown_height) / header.height;
    text.verified = verified != 0;
    for (std::size_t i = 0; i < count; ++i)
        text.lines.push_back(from_kernel(lines[i], across, down));
    return text;
}

std::string described(const Text& text) {
    std::string shown;
    for (const TextLine& line : text.lines) {
        shown += line.string ? quoted(*line.string) : "not sent";
        shown += std::string("  [") + kStates[line.state & 3];
        if (line.corners) {
            char place[64];
            std::snprintf(place, sizeof place, ", at %.0f,%.0f", (*line.corners)[0],
                          (*line.corners)[1]);
            shown += place;
        }
        shown += "]\n";
    }
    if (text.verified) shown += "all lines that are not listed are verified\n";
    return shown;
}

}  // namespace example
