#include "container_order.hpp"

#include <algorithm>
#include <iterator>

#include "container_rules.hpp"

namespace tcs {
namespace {

constexpr std::uint32_t kFormerMaxAncillary = 1024;  // from 0.4 on there is one of a type

// Of these ancillary chunks a stream before 0.4 has one at most.
constexpr std::uint8_t kFormerSingle[] = {kChunkIcc, kChunkExif, kChunkSize};

bool is_single(std::uint8_t type, bool bound) {
    return bound || std::find(std::begin(kFormerSingle), std::end(kFormerSingle), type) !=
                        std::end(kFormerSingle);
}

// A text counts as one type, whether it is needed or not.
std::uint8_t counted_as(std::uint8_t type) {
    return type == kChunkNeededText ? std::uint8_t{kChunkText} : type;
}

std::string read_types(bool bound) {
    return std::string("this version reads critical chunks 0x01 (tile), ") +
           (bound ? "0x03 (text), " : "") + "0x04 (layer) and 0x05 (quality map) only";
}

}  // namespace

ChunkOrder::ChunkOrder(const Header& header)
    : bound_(has_bound_chunks(header)),
      marked_(header.marked || !bound_),
      tiles_(tile_count(header)),
      base_waits_(header.layered) {}

std::optional<Error> ChunkOrder::take(std::uint8_t type, std::size_t offset) {
    const std::string name = "chunk " + hex_byte(type) + " at offset " + std::to_string(offset);
    place_ = {};
    if (!marked_ && type != kChunkTile) {
        return Error(ErrorCode::corrupt,
                     name + ": expected one tile alone, as the header has no mark");
    }
    if (stands_beside(type, bound_)) return take_beside(type, name);
    if (type == kChunkLayer) return take_layer(name);
    if (type == kChunkTile || type == kChunkQualityMap) return take_tile(type, name);
    return Error(ErrorCode::unsupported_chunk,
                 name + ": " + read_types(bound_) + "; a newer tcsdk may read this stream");
}

std::string ChunkOrder::next() const {
    return layer_complete() ? "the layer chunk" : tile_name(tile_, in_base_);
}

std::optional<Error> ChunkOrder::take_tile(std::uint8_t type, const std::string& name) {
    if (layer_complete()) {
        return Error(ErrorCode::corrupt, name + ": expected " + next() + ", came another tile's");
    }
    if (type == kChunkQualityMap && map_waits_) {
        return Error(ErrorCode::corrupt,
                     name + ": expected " + next() + ", came its second quality map");
    }
    place_ = {tile_, in_base_, type == kChunkTile && map_waits_};
    map_waits_ = type == kChunkQualityMap;
    if (type == kChunkTile) ++tile_;
    return std::nullopt;
}

std::optional<Error> ChunkOrder::take_layer(const std::string& name) {
    if (!base_waits_ && !in_base_) {
        return Error(ErrorCode::corrupt,
                     name + ": came a layer chunk, which the header does not announce");
    }
    if (!layer_complete() || !base_waits_ || map_waits_) {
        return Error(ErrorCode::corrupt, name + ": expected " + next() + ", came a layer chunk");
    }
    base_waits_ = false;
    in_base_ = true;
    tile_ = 0;
    place_ = {0, true, false};
    return std::nullopt;
}

std::optional<Error> ChunkOrder::take_beside(std::uint8_t type, const std::string& name) {
    if (bound_ && type == kChunkSize) {
        return Error(ErrorCode::corrupt,
                     name + ": the header says the shown size since format 0.4");
    }
    if (tile_ > 0 || map_waits_ || in_base_) {
        return Error(ErrorCode::corrupt,
                     name + ": expected tiles only behind the first one, came an ancillary chunk");
    }
    if (++beside_ > kFormerMaxAncillary) {
        return Error(ErrorCode::limit, name + ": more than " + std::to_string(kFormerMaxAncillary) +
                                           " ancillary chunks");
    }
    const std::uint8_t counted = counted_as(type);
    if (is_single(counted, bound_) && taken_[counted]) {
        return Error(ErrorCode::corrupt, name + ": came a second time, expected once");
    }
    taken_[counted] = true;
    return std::nullopt;
}

}  // namespace tcs
