// The chunks of a stream from format 0.4 on, whatever has happened to them: each sound one is put
// where its check says that it belongs.
#include <algorithm>
#include <bitset>

#include "container_read.hpp"

namespace tcs {
namespace {

// What has come for a tile of a layer.
constexpr std::uint8_t kMapCame = 1;
constexpr std::uint8_t kTileCame = 2;
constexpr std::uint8_t kTileIsMapped = 4;

bool is_whole(std::uint8_t came) {
    const bool waits = (came & kTileIsMapped) != 0 && (came & kMapCame) == 0;
    return (came & kTileCame) != 0 && !waits;
}

// Takes chunks in the order in which they stand and says what is wrong with each.
//
// INVARIANT: whole_[layer] is the number of tiles of that layer in came_ that is_whole() holds for.
class Places {
public:
    explicit Places(const Header& header)
        : header_(header), tiles_(tile_count(header)), came_(tiles_ * (header.layered ? 2U : 1U)) {}

    bool complete(bool base) const { return whole_[base ? 1 : 0] == tiles_; }
    bool complete() const { return complete(false) && (!header_.layered || base_complete()); }

    // Chunks beyond what a whole stream can have: more than that are not looked for.
    std::size_t limit() const { return 4 * came_.size() + 2 * taken_.size(); }

    void take(Chunk& chunk, const ChunkPlace& place) {
        chunk.tile = place.tile;
        chunk.base = place.base;
        const std::uint64_t rank = rank_of(chunk.type, place);
        if (rank < highest_) chunk.fault = ChunkFault::moved;
        highest_ = std::max(highest_, rank);
        if (!enter(chunk.type, place)) chunk.fault = ChunkFault::stray;
        if (stands_beside(chunk.type, true)) return;
        next_ = {chunk.type == kChunkTile ? place.tile + 1 : place.tile, place.base, false};
    }

    // A chunk whose check fails: taken for the one that was to come, for want of better knowledge.
    void take_damaged(Chunk& chunk) {
        chunk.fault = ChunkFault::damaged;
        if (chunk.type == kChunkLayer) next_ = {0, true, false};
        chunk.base = next_.base;
        if (chunk.type != kChunkTile && chunk.type != kChunkQualityMap) return;
        chunk.tile = next_.tile;
        if (chunk.type == kChunkTile) ++next_.tile;
    }

    // What only the whole stream tells: tiles without their maps, and maps without use.
    void judge(Chunk& chunk) const {
        const bool usable = chunk.fault == ChunkFault::none || chunk.fault == ChunkFault::moved;
        if (!usable || (chunk.type != kChunkTile && chunk.type != kChunkQualityMap)) return;
        const std::uint8_t came = came_[slot(chunk.tile, chunk.base)];
        const bool mapped = (came & kTileIsMapped) != 0;
        if (chunk.type == kChunkTile && mapped && (came & kMapCame) == 0)
            chunk.fault = ChunkFault::mapless;
        if (chunk.type == kChunkQualityMap && !mapped && (came & kTileCame) != 0)
            chunk.fault = ChunkFault::stray;
    }

private:
    std::size_t slot(std::uint32_t tile, bool base) const { return tile + (base ? tiles_ : 0U); }

    bool base_complete() const { return taken_[kChunkLayer] && complete(true); }

    // Grows in the order of format.md 2.2.
    std::uint64_t rank_of(std::uint8_t type, const ChunkPlace& place) const {
        if (stands_beside(type, true)) return 0;
        const std::uint64_t layer = place.base ? 2 * std::uint64_t{tiles_} + 1 : 0;
        if (type == kChunkLayer) return layer;
        return layer + 2 * std::uint64_t{place.tile} + (type == kChunkTile ? 2 : 1);
    }

    // Enters what has come; false if that place is taken.
    bool enter(std::uint8_t type, const ChunkPlace& place) {
        if (type != kChunkTile && type != kChunkQualityMap) {
            const std::uint8_t counted = type == kChunkNeededText ? std::uint8_t{kChunkText} : type;
            const bool first = !taken_[counted];
            taken_[counted] = true;
            return first;
        }
        std::uint8_t& came = came_[slot(place.tile, place.base)];
        const std::uint8_t now = type == kChunkTile ? kTileCame : kMapCame;
        if ((came & now) != 0) return false;
        const bool before = is_whole(came);
        came = static_cast<std::uint8_t>(came | now | (place.mapped ? kTileIsMapped : 0));
        if (!before && is_whole(came)) ++whole_[place.base ? 1 : 0];
        return true;
    }

    const Header& header_;
    std::uint32_t tiles_;
    std::vector<std::uint8_t> came_;  // by layer, then by tile
    std::uint32_t whole_[2] = {0, 0};
    std::bitset<256> taken_;     // types of chunks that are about no tile
    std::uint64_t highest_ = 0;  // rank so far
    ChunkPlace next_;            // of a tile
};

// The next chunk by its type and length, if these make sense.
std::optional<Frame> next_frame(Cursor& in) {
    try {
        return read_frame(in, "the next tile");
    } catch (const Error&) {
        return std::nullopt;
    }
}

void refuse_unknown(const Frame& frame) {
    const std::uint8_t type = frame.chunk.type;
    const bool known = stands_beside(type, true) || type == kChunkTile ||
                       type == kChunkQualityMap || type == kChunkLayer;
    if (known) return;
    fail(ErrorCode::unsupported_chunk,
         "chunk " + hex_byte(type) + " at offset " + std::to_string(frame.start) +
             " is critical and unknown to this version; a newer tcsdk may read this stream");
}

}  // namespace

void conceal_bound_chunks(Cursor& in, const Header& header, bool first_layer,
                          std::vector<Chunk>& chunks) {
    const ChunkChecks checks(in.data, in.offset);
    Places places(header);
    const bool stops = first_layer && header.layered;
    while (!places.complete() && !(stops && places.complete(false)) &&
           chunks.size() < places.limit()) {
        std::optional<Frame> frame = next_frame(in);
        if (!frame) break;
        const std::uint32_t number =
            checks.number_of(frame->bytes(in), frame->size(), frame->check);
        const auto place = place_of_type(frame->chunk.type, number, header);
        if (place) {
            refuse_unknown(*frame);
            places.take(frame->chunk, *place);
        } else {
            places.take_damaged(frame->chunk);
        }
        chunks.push_back(frame->chunk);
    }
    for (Chunk& chunk : chunks)
        places.judge(chunk);
    if (places.complete() && in.left() > 0) throw trailing_bytes(in.left(), in.offset);
}

}  // namespace tcs
