#include "container_rules.hpp"

#include <algorithm>
#include <iterator>

namespace tcs {
namespace {

// Of these ancillary chunks a stream has one at most.
constexpr std::uint8_t kSingle[] = {kChunkIcc, kChunkExif, kChunkSize};

std::string number(std::size_t value) {
    return std::to_string(value);
}

}  // namespace

std::string hex_byte(std::uint8_t byte) {
    constexpr char digits[] = "0123456789ABCDEF";
    return std::string("0x") + digits[byte >> 4] + digits[byte & 15];
}

std::optional<Error> check_header(const Header& header) {
    const auto limit = [](const std::string& message) { return Error(ErrorCode::limit, message); };
    if (header.width < 1 || header.width > kMaxSide || header.height < 1 ||
        header.height > kMaxSide) {
        return limit("picture size: expected 1 to 65535 pixels a side, came " +
                     number(header.width) + " x " + number(header.height));
    }
    if (header.tile < kTileUnit || header.tile > kMaxTile || header.tile % kTileUnit != 0) {
        return limit("tile side: expected a multiple of 64 from 64 to 16320 pixels, came " +
                     number(header.tile));
    }
    if (tile_count(header) > kMaxTiles) {
        return limit("tiles: expected at most " + number(kMaxTiles) + ", came " +
                     number(tile_count(header)) + " (" + number(header.width) + " x " +
                     number(header.height) + " in tiles of " + number(header.tile) + ")");
    }
    if (header.quality > kQualityMask) {
        return limit("quality: expected 0 to 63, came " + number(header.quality));
    }
    return std::nullopt;
}

std::optional<Error> ChunkOrder::place(std::uint8_t type, std::size_t offset) {
    const std::string name = "chunk " + hex_byte(type) + " at offset " + number(offset);
    if (is_ancillary(type)) return place_ancillary(type, name);
    if (type == kChunkLayer) return place_layer(name);
    if (type != kChunkTile && type != kChunkQualityMap) {
        return Error(ErrorCode::unsupported_chunk,
                     name + ": this version reads critical chunks 0x01 (tile), 0x04 (layer) and " +
                         "0x05 (quality map) only; a newer tcsdk may read this stream");
    }
    if (layer_complete()) {
        return Error(ErrorCode::corrupt, name + ": expected " + next() + ", came another tile's");
    }
    if (type == kChunkTile) {
        map_waits_ = false;
        ++placed_;
        return std::nullopt;
    }
    if (map_waits_) {
        return Error(ErrorCode::corrupt,
                     name + ": expected " + next() + ", came its second quality map");
    }
    map_waits_ = true;
    return std::nullopt;
}

std::string ChunkOrder::next() const {
    if (layer_complete()) return "the layer chunk";
    return "tile " + number(placed_) + (in_base_ ? " of the base layer" : "");
}

std::optional<Error> ChunkOrder::place_layer(const std::string& name) {
    if (!base_waits_ && !in_base_) {
        return Error(ErrorCode::corrupt,
                     name + ": came a layer chunk, which the header does not announce");
    }
    if (!layer_complete() || !base_waits_ || map_waits_) {
        return Error(ErrorCode::corrupt, name + ": expected " + next() + ", came a layer chunk");
    }
    base_waits_ = false;
    in_base_ = true;
    placed_ = 0;
    return std::nullopt;
}

std::optional<Error> ChunkOrder::place_ancillary(std::uint8_t type, const std::string& name) {
    if (placed_ > 0 || map_waits_ || in_base_) {
        return Error(ErrorCode::corrupt,
                     name + ": expected tiles only behind the first one, came an ancillary chunk");
    }
    if (++ancillary_ > kMaxAncillary) {
        return Error(ErrorCode::limit,
                     name + ": more than " + number(kMaxAncillary) + " ancillary chunks");
    }
    const auto* const single = std::find(std::begin(kSingle), std::end(kSingle), type);
    if (single == std::end(kSingle)) return std::nullopt;
    const std::uint32_t bit = 1U << (single - std::begin(kSingle));
    if ((singles_ & bit) != 0) {
        return Error(ErrorCode::corrupt, name + ": came a second time, expected once");
    }
    singles_ |= bit;
    return std::nullopt;
}

}  // namespace tcs
