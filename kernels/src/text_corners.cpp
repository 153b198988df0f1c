// Corners of lines in pixels and places on the format's grid. This is about pictures, not about
// bytes: floats are allowed, and what they give is put on the grid before anything is coded.
#include <algorithm>
#include <cmath>

#include "tcs/status.hpp"
#include "tcs/text.hpp"

namespace tcs {
namespace {

constexpr double kStep = 4.0;
constexpr double kTurn = 6.283185307179586;

std::int32_t clamped(double value, std::int32_t least, std::int32_t most) {
    return static_cast<std::int32_t>(std::min(
        std::max(std::round(value), static_cast<double>(least)), static_cast<double>(most)));
}

std::int32_t position_of(double pixels) {
    return clamped(pixels / kStep, kMinPosition, kMaxPosition);
}

std::int32_t size_of(double pixels) {
    return clamped(3.0 * std::log2(std::max(pixels, 1.0)), 0, kMaxSize);
}

double pixels_of(std::int32_t size) {
    return std::exp2(size / 3.0);
}

}  // namespace

Place place_of(const Corners& c) {
    if (!std::all_of(c.begin(), c.end(), [](double value) { return std::isfinite(value); }))
        throw Error(ErrorCode::argument, "corners: expected finite numbers, came others");
    const double left_x = (c[0] + c[6]) / 2, left_y = (c[1] + c[7]) / 2;
    const double along_x = (c[2] + c[4]) / 2 - left_x, along_y = (c[3] + c[5]) / 2 - left_y;
    const double length = std::hypot(along_x, along_y);
    // Twice the area by the diagonals' cross product.
    const double twice = (c[4] - c[0]) * (c[7] - c[3]) - (c[5] - c[1]) * (c[6] - c[2]);
    Place place;
    place.length = size_of(length);
    place.height =
        size_of(length > 0 ? std::abs(twice) / 2 / length : std::hypot(c[6] - c[0], c[7] - c[1]));
    const double turns = length > 0 ? std::atan2(along_y, along_x) / kTurn : 0.0;
    const std::int32_t step = angle_step(place.height, place.length);
    const std::int32_t half = kAngles / 2 / step;
    place.angle = clamped(turns * kAngles / step, -half, half) * step & (kAngles - 1);
    // Middles meet: what the grid's length and angle are off is then shared by both ends.
    const double angle = place.angle * kTurn / kAngles, reach = pixels_of(place.length) / 2;
    place.x = position_of(left_x + along_x / 2 - std::cos(angle) * reach);
    place.y = position_of(left_y + along_y / 2 - std::sin(angle) * reach);
    return place;
}

Corners corners_of(const Place& place) {
    const double angle = place.angle * kTurn / kAngles;
    const double length = pixels_of(place.length), half = pixels_of(place.height) / 2;
    const double along_x = std::cos(angle) * length, along_y = std::sin(angle) * length;
    const double down_x = -std::sin(angle) * half, down_y = std::cos(angle) * half;
    const double x = place.x * kStep, y = place.y * kStep;
    return {x - down_x,           y - down_y,           x + along_x - down_x, y + along_y - down_y,
            x + along_x + down_x, y + along_y + down_y, x + down_x,           y + down_y};
}

}  // namespace tcs
