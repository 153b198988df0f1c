// The chunks of a stream from format 0.4 on, read strictly, and the tiles of a bare one.
#include <algorithm>

#include "container_read.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

// What stands where another chunk has to: a sound one of this stream, or one whose check fails.
void judge(Chunk& chunk, const ChunkPlace& expected, std::uint32_t number, const Header& header,
           const std::string& name) {
    chunk.tile = expected.tile;
    chunk.base = expected.base;
    const std::optional<ChunkPlace> came = place_of_type(chunk.type, number, header);
    if (!came) chunk.fault = ChunkFault::damaged;
    if (!came || *came == expected) return;
    const bool same = came->tile == expected.tile && came->base == expected.base;
    const std::string what =
        same ? std::string(came->mapped ? "one that has a quality map, which is missing"
                                        : "one that has no quality map, and a map before it")
             : "that of " + tile_name(came->tile, came->base);
    fail(ErrorCode::corrupt,
         name + ": expected that of " + tile_name(expected.tile, expected.base) + ", came " + what);
}

// Reads up to the last tile, or to the last one of the first layer.
void read_in_order(Cursor& in, const Header& header, bool first_layer, std::vector<Chunk>& chunks) {
    const ChunkChecks checks(in.data, in.offset);
    ChunkOrder order(header);
    const bool stops = first_layer && header.layered;
    while (!order.complete() && !(stops && order.layer_complete())) {
        Frame frame = read_frame(in, order.next());
        Chunk& chunk = frame.chunk;
        const std::uint32_t number = checks.number_of(frame.bytes(in), frame.size(), frame.check);
        const std::optional<Error> refusal = order.take(chunk.type, frame.start);
        if (refusal && !place_of_type(chunk.type, number, header)) {
            fail(ErrorCode::corrupt, std::string("wrong checksum, and ") + refusal->what());
        }
        if (refusal) throw *refusal;
        judge(chunk, order.place(), number, header,
              "chunk " + hex_byte(chunk.type) + " at offset " + std::to_string(frame.start));
        mark_mapless(chunk, order.place(), chunks);
        chunks.push_back(chunk);
    }
    if (in.left() > 0 && order.complete()) throw trailing_bytes(in.left(), in.offset);
}

}  // namespace

void Cursor::require(std::size_t bytes, const std::string& what) const {
    if (left() >= bytes) return;
    fail(ErrorCode::truncated, what + " needs " + std::to_string(bytes) + " bytes, " +
                                   std::to_string(left()) + " left (offset " +
                                   std::to_string(offset) + ")");
}

void require_payload(const Chunk& tile, const std::string& name) {
    if (tile.length > 0) return;
    fail(ErrorCode::corrupt, name +
                                 ": expected a payload of at least one byte, came none (offset " +
                                 std::to_string(tile.offset) + ")");
}

Frame read_frame(Cursor& in, const std::string& next) {
    Frame frame;
    frame.start = in.offset;
    in.require(1, "the next chunk, up to " + next + ",");
    Chunk& chunk = frame.chunk;
    chunk.type = in.u8();
    chunk.length = read_varint(in.data, in.size, in.offset, "chunk length");
    chunk.offset = in.offset;
    if (chunk.type == kChunkTile) require_payload(chunk, next);
    in.require(chunk.length + kChunkCrcBytes,
               chunk.type == kChunkTile ? next : "chunk " + hex_byte(chunk.type));
    in.offset += chunk.length;
    frame.check = in.u32();
    return frame;
}

void read_bound_chunks(Cursor& in, const Header& header, bool first_layer,
                       std::vector<Chunk>& chunks) {
    try {
        read_in_order(in, header, first_layer, chunks);
    } catch (const Error& error) {
        const auto doubt = std::find_if(chunks.begin(), chunks.end(), is_damaged);
        if (doubt == chunks.end()) throw;
        throw_behind_damage(*doubt, error);
    }
}

void mark_mapless(Chunk& chunk, const ChunkPlace& place, const std::vector<Chunk>& before) {
    if (!place.mapped || is_damaged(chunk) || !is_damaged(before.back())) return;
    chunk.fault = ChunkFault::mapless;
}

void throw_behind_damage(const Chunk& doubt, const Error& error) {
    fail(ErrorCode::corrupt, "chunk " + hex_byte(doubt.type) + " with payload at offset " +
                                 std::to_string(doubt.offset) +
                                 " has a wrong checksum; behind it: " + error.what());
}

void read_bare_tiles(Cursor& in, std::uint32_t tiles, std::vector<Chunk>& chunks) {
    for (std::uint32_t tile = 0; tile < tiles; ++tile) {
        const std::string name = tile_name(tile, false);
        Chunk chunk;
        chunk.type = kChunkTile;
        chunk.tile = tile;
        chunk.length = tiles == 1 ? std::max<std::size_t>(in.left(), 1)
                                  : read_varint(in.data, in.size, in.offset, "tile length");
        chunk.offset = in.offset;
        require_payload(chunk, name);
        in.require(chunk.length, name);
        in.offset += chunk.length;
        chunks.push_back(chunk);
    }
    if (in.left() > 0) throw trailing_bytes(in.left(), in.offset);
}

}  // namespace tcs
