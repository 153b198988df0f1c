#include "text_places.hpp"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <string>

#include "tcs/status.hpp"

namespace tcs {
namespace {

constexpr std::int32_t kFirstHeight = 14;  // 25 pixels
constexpr std::int32_t kPlainLength = 6;   // thirds of octaves above the height, without a string
constexpr std::int32_t kThirds[] = {64, 81, 102};  // 64 * 2^(n / 3)

// Pixels of a size in the grid's steps of 4 pixels, rounded.
std::int32_t steps_of(std::int32_t size) {
    return (pixels_64(size) + 128) >> 8;
}

// Thirds of octaves of a string's width in heights, if a character is 0.6 heights wide: rounded
// on the octave scale, which the factor 2^(1/6) in 345 = 0.6 * 1.122 * 512 does.
std::int32_t widths_of(std::size_t characters) {
    const auto width = static_cast<std::int32_t>(std::min<std::size_t>(characters, 1000) * 345);
    std::int32_t size = -1;
    while (pixels_64(size + 1) <= width)
        ++size;
    return size - 9;
}

std::int32_t nearest(std::int32_t angle, std::int32_t step) {
    return (angle + step / 2) / step * step;
}

int bits_of(std::int32_t value) {
    int bits = 0;
    for (auto rest = static_cast<std::uint32_t>(std::abs(value)); rest != 0; rest >>= 1)
        ++bits;
    return bits;
}

int size_of(const Offsets& offsets) {
    return bits_of(offsets.x) + bits_of(offsets.y);
}

bool on_grid(std::int32_t value, std::int32_t least, std::int32_t most) {
    return value >= least && value <= most;
}

void check_grid(const Place& place) {
    if (on_grid(place.x, kMinPosition, kMaxPosition) &&
        on_grid(place.y, kMinPosition, kMaxPosition) && on_grid(place.height, 0, kMaxSize) &&
        on_grid(place.length, 0, kMaxSize))
        return;
    throw Error(ErrorCode::corrupt, "text: a line's place is beyond the grid");
}

}  // namespace

std::int32_t pixels_64(std::int32_t size) noexcept {
    return kThirds[size % 3] << (size / 3);
}

std::int32_t angle_step(std::int32_t height, std::int32_t length) noexcept {
    const std::int32_t aspect = length - height;
    return aspect < 6 ? 4 : aspect < 9 ? 2 : 1;
}

Place Layout::expected(bool row, std::int32_t height, std::size_t characters) const noexcept {
    Place place;
    place.height = first_ ? kFirstHeight : last_.height;
    place.length = height + (characters == kNoString ? kPlainLength : widths_of(characters));
    place.angle = last_.angle;
    if (first_) return place;
    if (row) {
        place.x = last_.x + steps_of(last_.length) + steps_of(last_.height) / 2;
        place.y = last_.y;
    } else {
        const std::int32_t step = steps_of(start_.height);
        place.x = start_.x;
        place.y = start_.y + step + step / 4;
    }
    return place;
}

Offsets Layout::against(const Place& place, bool row, std::size_t characters) const noexcept {
    const Place guess = expected(row, place.height, characters);
    Offsets offsets;
    offsets.row = row;
    offsets.x = place.x - guess.x;
    offsets.y = place.y - guess.y;
    offsets.height = place.height - guess.height;
    offsets.length = place.length - guess.length;
    const std::int32_t step = angle_step(place.height, place.length);
    const std::int32_t turned = place.angle - nearest(guess.angle, step);
    offsets.angle = ((turned + kAngles + kAngles / 2) % kAngles - kAngles / 2) / step;
    return offsets;
}

void Layout::go_on(const Place& place, bool row) noexcept {
    if (!row) start_ = place;
    last_ = place;
    first_ = false;
}

Offsets Layout::offsets_of(const Place& place, std::size_t characters) {
    Offsets offsets = against(place, false, characters);
    if (!first_) {
        const Offsets behind = against(place, true, characters);
        if (size_of(behind) <= size_of(offsets)) offsets = behind;
    }
    go_on(place, offsets.row);
    return offsets;
}

Place Layout::place_of(const Offsets& offsets, std::size_t characters) {
    Place place = expected(offsets.row, 0, characters);
    place.x += offsets.x;
    place.y += offsets.y;
    place.height += offsets.height;
    place.length = expected(offsets.row, place.height, characters).length + offsets.length;
    const std::int32_t step = angle_step(place.height, place.length);
    const std::int32_t turned = std::min(std::max(offsets.angle, -kAngles), +kAngles) * step;
    place.angle = (nearest(place.angle, step) + turned + 8 * kAngles) % kAngles;
    check_grid(place);
    const bool nearer =
        size_of(against(place, true, characters)) <= size_of(against(place, false, characters));
    if (!first_ && nearer != offsets.row)
        throw Error(ErrorCode::corrupt, "text: a place is spelled against the farther guess");
    if (against(place, offsets.row, characters).angle != offsets.angle)
        throw Error(ErrorCode::corrupt, "text: an angle is beyond half a turn");
    go_on(place, offsets.row);
    return place;
}

OffsetCoder::OffsetCoder() {
    const auto set = [](Field& field, std::initializer_list<int> longer, int negative) {
        std::size_t n = 0;
        for (const int chance : longer)
            field.longer[n++] = Chance(chance);
        const Chance chance(negative);
        field.negative = {chance, chance, chance};
    };
    row_ = Chance(35);
    for (Field& field : position_[0])
        set(field, {85, 93, 93, 88, 82, 76, 66, 45, 25, 15, 10}, 4);
    set(position_[1][0], {90, 76, 74, 76, 72, 62, 45, 30, 18, 12}, 35);
    set(position_[1][1], {72, 62, 66, 74, 72, 62, 45, 30, 18, 12}, 50);
    set(position_[2][0], {85, 78, 78, 78, 74, 66, 50, 35, 18, 12}, 45);
    set(position_[2][1], {88, 76, 74, 74, 72, 62, 45, 30, 18, 12}, 35);
    set(height_[0], {86, 74, 58, 30, 10}, 45);
    set(height_[1], {66, 48, 36, 15, 10}, 50);
    set(length_[0], {86, 74, 58, 30, 10}, 50);
    set(length_[1], {68, 45, 25, 12, 10}, 50);
    set(angle_, {40, 66, 58, 40, 30, 25, 20}, 50);
}

template <class Io>
void OffsetCoder::code_size(Io& io, Field& field, std::int32_t& value) {
    const int bits = bits_of(value);
    int size = 0;
    while (size + 1 < static_cast<int>(kSizes) &&
           io.bit(field.longer[static_cast<std::size_t>(size)], bits > size))
        ++size;
    if (size == 0) {
        value = 0;
        return;
    }
    const auto kind = static_cast<std::size_t>(std::min(size, 3) - 1);
    const bool negative = io.bit(field.negative[kind], value < 0);
    // A reader knows so far: the sign and the highest bit.
    const std::int32_t least = 1 << (size - 1);
    if (bits != size || (value < 0) != negative) value = negative ? -least : least;
}

template <class Io>
void OffsetCoder::code_sizes(Io& io, Offsets& offsets, bool first, bool with_string) {
    if (!first) offsets.row = io.bit(row_, offsets.row);
    Field* const position = position_[first ? 0 : offsets.row ? 1 : 2];
    code_size(io, position[0], offsets.x);
    code_size(io, position[1], offsets.y);
    code_size(io, height_[first ? 0 : 1], offsets.height);
    code_size(io, length_[with_string ? 1 : 0], offsets.length);
    code_size(io, angle_, offsets.angle);
}

template <class Io>
void OffsetCoder::code_low_bits(Io& io, Offsets& offsets) {
    for (std::int32_t* const value :
         {&offsets.x, &offsets.y, &offsets.height, &offsets.length, &offsets.angle}) {
        const int bits = bits_of(*value);
        if (bits < 2) continue;
        const auto size = static_cast<std::uint32_t>(std::abs(*value));
        const std::uint32_t least = 1U << (bits - 1);
        std::uint32_t low = size - least;
        if (bits > 9) {  // raw() takes 15 bits at most
            low = io.raw(8, low & 255U) | io.raw(bits - 9, low >> 8) << 8;
        } else {
            low = io.raw(bits - 1, low);
        }
        const auto whole = static_cast<std::int32_t>(least + low);
        *value = *value < 0 ? -whole : whole;
    }
}

template void OffsetCoder::code_sizes(TextWriter&, Offsets&, bool, bool);
template void OffsetCoder::code_sizes(TextReader&, Offsets&, bool, bool);
template void OffsetCoder::code_low_bits(TextWriter&, Offsets&);
template void OffsetCoder::code_low_bits(TextReader&, Offsets&);

}  // namespace tcs
