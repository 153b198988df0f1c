#include "container_rules.hpp"

namespace tcs {
namespace {

std::string number(std::size_t value) {
    return std::to_string(value);
}

std::string sides(std::uint32_t width, std::uint32_t height) {
    return number(width) + " x " + number(height);
}

}  // namespace

std::string hex_byte(std::uint8_t byte) {
    constexpr char digits[] = "0123456789ABCDEF";
    return std::string("0x") + digits[byte >> 4] + digits[byte & 15];
}

std::string tile_name(std::uint32_t tile, bool base) {
    return "tile " + number(tile) + (base ? " of the base layer" : "");
}

Error trailing_bytes(std::size_t left, std::size_t offset) {
    return Error(ErrorCode::trailing, number(left) + " bytes follow the last tile (offset " +
                                          number(offset) + "), expected none");
}

std::optional<Error> check_header(const Header& header) {
    const auto limit = [](const std::string& message) { return Error(ErrorCode::limit, message); };
    if (header.width < 1 || header.width > kMaxSide || header.height < 1 ||
        header.height > kMaxSide) {
        return limit("picture size: expected 1 to 65535 pixels a side, came " +
                     sides(header.width, header.height));
    }
    if (header.tile < kTileUnit || header.tile > kMaxTile || header.tile % kTileUnit != 0) {
        return limit("tile side: expected a multiple of 64 from 64 to 16320 pixels, came " +
                     number(header.tile));
    }
    if (tile_count(header) > kMaxTiles) {
        return limit("tiles: expected at most " + number(kMaxTiles) + ", came " +
                     number(tile_count(header)) + " (" + sides(header.width, header.height) +
                     " in tiles of " + number(header.tile) + ")");
    }
    if (header.quality > kQualityMask) {
        return limit("quality: expected 0 to 63, came " + number(header.quality));
    }
    return std::nullopt;
}

std::optional<Error> check_shown(const Header& header) {
    const bool sound = header.shown_width >= header.width && header.shown_width <= kMaxSide &&
                       header.shown_height >= header.height && header.shown_height <= kMaxSide;
    if (sound) return std::nullopt;
    return Error(ErrorCode::corrupt, "shown size: expected a size beyond the coded " +
                                         sides(header.width, header.height) +
                                         " pixels, up to 65535 a side, came " +
                                         sides(header.shown_width, header.shown_height));
}

}  // namespace tcs
