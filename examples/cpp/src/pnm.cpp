#include "pnm.hpp"

#include <cctype>
#include <cstddef>
#include <cstring>

#include "error.hpp"

namespace example {
namespace {

constexpr unsigned kMost = 65535;  // of sides and of samples

bool is_space(std::uint8_t byte) {
    return std::isspace(byte) != 0;
}

class Reader {
public:
    Reader(const std::string& name, const Bytes& data) : name_(name), data_(data) {}

    [[noreturn]] void fail(const std::string& message) const {
        throw Error(name_ + ": " + message);
    }

    std::size_t left() const { return data_.size() - at_; }

    std::uint8_t byte() { return data_[at_++]; }

    // The next number in decimal digits, behind white space and comments.
    unsigned number(const char* what, unsigned low, unsigned high) {
        skip_space();
        const std::size_t start = at_;
        unsigned value = 0;
        while (at_ < data_.size() && std::isdigit(data_[at_]) != 0 && value <= high) {
            value = 10 * value + (data_[at_++] - '0');
        }
        if (at_ == data_.size() && at_ == start) fail(std::string("ends before the ") + what);
        if (at_ == start || value < low || value > high) {
            fail(std::string("expected the ") + what + " as " + std::to_string(low) + ".." +
                 std::to_string(high) +
                 (at_ == start ? ", got another character" : ", got " + std::to_string(value)));
        }
        return value;
    }

    // The one white space that parts a binary raster from its header.
    void end_header() {
        if (left() == 0 || !is_space(byte())) fail("expected white space behind the header");
    }

private:
    void skip_space() {
        while (at_ < data_.size() && (is_space(data_[at_]) || data_[at_] == '#')) {
            if (data_[at_] == '#') {
                while (at_ < data_.size() && data_[at_] != '\n')
                    ++at_;
            } else {
                ++at_;
            }
        }
    }

    const std::string& name_;
    const Bytes& data_;
    std::size_t at_ = 2;  // behind the magic
};

// Samples one after the other, in whichever of the three ways the file has them.
class Raster {
public:
    Raster(Reader& reader, bool plain, unsigned maximum, std::size_t count)
        : reader_(reader), plain_(plain), maximum_(maximum) {
        if (!plain) reader.end_header();
        // A plain sample takes a digit and, but for the last, white space.
        const std::size_t bytes = plain ? 2 * count - 1 : count * (maximum > 255 ? 2 : 1);
        if (reader.left() < bytes) {
            reader.fail("is truncated: expected " + std::to_string(bytes) + " bytes of samples, " +
                        std::to_string(reader.left()) + " left");
        }
    }

    std::uint8_t next() {
        const unsigned value = raw();
        if (value > maximum_) {
            reader_.fail("sample " + std::to_string(value) + " is above the maximum " +
                         std::to_string(maximum_));
        }
        return static_cast<std::uint8_t>((value * 255 + maximum_ / 2) / maximum_);
    }

private:
    unsigned raw() {
        if (plain_) return reader_.number("sample", 0, kMost);
        const unsigned high = reader_.byte();
        return maximum_ > 255 ? 256 * high + reader_.byte() : high;
    }

    Reader& reader_;
    bool plain_;
    unsigned maximum_;
};

}  // namespace

Picture read_pnm(const std::string& name, const Bytes& data) {
    Reader reader(name, data);
    const bool magic = data.size() >= 2 && data[0] == 'P';
    if (!magic || std::strchr("2356", data[1]) == nullptr || data[1] == '\0') {
        reader.fail("expected a PGM or PPM picture (P2, P3, P5 or P6 first), got " +
                    (magic ? "P" + std::string(1, static_cast<char>(data[1])) : "something else"));
    }
    Picture picture;
    picture.width = static_cast<int>(reader.number("width", 1, kMost));
    picture.height = static_cast<int>(reader.number("height", 1, kMost));
    const unsigned maximum = reader.number("maximum", 1, kMost);
    const std::size_t positions =
        static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    const bool gray = data[1] == '2' || data[1] == '5';
    Raster raster(reader, data[1] <= '3', maximum, positions * (gray ? 1 : 3));
    picture.pixels.reserve(3 * positions);
    for (std::size_t i = 0; i < positions; ++i) {
        const std::uint8_t first = raster.next();
        picture.pixels.push_back(first);
        picture.pixels.push_back(gray ? first : raster.next());
        picture.pixels.push_back(gray ? first : raster.next());
    }
    return picture;
}

Bytes write_ppm(const Picture& picture) {
    const std::string header =
        "P6\n" + std::to_string(picture.width) + " " + std::to_string(picture.height) + "\n255\n";
    Bytes data(header.begin(), header.end());
    data.insert(data.end(), picture.pixels.begin(), picture.pixels.end());
    return data;
}

}  // namespace example
