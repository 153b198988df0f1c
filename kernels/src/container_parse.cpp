#include <algorithm>

#include "container_rules.hpp"
#include "tcs/container.hpp"
#include "tcs/crc32c.hpp"
#include "tcs/status.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

// The bytes of a stream and how far they are read. INVARIANT: offset <= size.
struct Cursor {
    const std::uint8_t* data;
    std::size_t size;
    std::size_t offset = 0;

    std::size_t left() const { return size - offset; }

    // REQUIRES: left() >= 1, 2 and 4.
    std::uint8_t u8() { return data[offset++]; }
    std::uint16_t u16() {
        const unsigned low = u8();
        return static_cast<std::uint16_t>(low | static_cast<unsigned>(u8()) << 8);
    }
    std::uint32_t u32() {
        const std::uint32_t low = u16();
        return low | static_cast<std::uint32_t>(u16()) << 16;
    }
};

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
    throw Error(code, message);
}

void require(const Cursor& in, std::size_t bytes, const std::string& what) {
    if (in.left() >= bytes) return;
    fail(ErrorCode::truncated, what + " needs " + std::to_string(bytes) + " bytes, " +
                                   std::to_string(in.left()) + " left (offset " +
                                   std::to_string(in.offset) + ")");
}

// Leaves the cursor behind the magic. A proper prefix of it counts as truncated.
void read_magic(Cursor& in) {
    const std::size_t have = std::min(in.size, kMagic.size());
    if (!std::equal(in.data, in.data + have, kMagic.begin())) {
        std::string came;
        for (std::size_t i = 0; i < have; ++i)
            came += " " + hex_byte(in.data[i]);
        fail(ErrorCode::not_tcs,
             "not a .tcs stream: expected 0xF4 0x54 0x43, or 0xE1 of a bare stream, came" + came);
    }
    require(in, kMinHeaderBytes, "the header");
    in.offset = kMagic.size();
}

Header read_full_header(Cursor& in) {
    read_magic(in);
    const std::uint8_t version = in.u8();
    if (version > kNewestVersion) {
        fail(ErrorCode::newer_version,
             "the stream is of format version " + std::to_string(version >> 4) + "." +
                 std::to_string(version & 15) + ", this library reads up to " +
                 std::to_string(kVersionMajor) + "." + std::to_string(kVersionMinor) +
                 ": install a newer tcsdk");
    }
    const std::uint8_t flags = in.u8();
    Header header;
    header.layered = (flags & kLayeredBit) != 0;
    header.quality = flags & kQualityMask;
    header.wire_id = in.u16();
    header.bundle_hash = in.u32();
    header.width = in.u16();
    header.height = in.u16();
    const bool extended = (flags & kExtensionBit) != 0;
    require(in, kHeaderCrcBytes + (extended ? 1U : 0U), "the rest of the header");
    if (extended) header.tile = in.u8() * kTileUnit;
    const std::uint32_t expected = crc32c(in.data, in.offset) & 0xFFFFU;
    const std::uint32_t came = in.u16();
    if (came != expected) {
        fail(ErrorCode::corrupt, "header checksum: the bytes give " + std::to_string(expected) +
                                     ", the stream says " + std::to_string(came) + " (offset " +
                                     std::to_string(in.offset - kHeaderCrcBytes) + ")");
    }
    if (version != version_byte(header)) {
        fail(ErrorCode::corrupt,
             "header: expected version byte 0x01 with bit 7 of the quality byte clear, or 0x02 " +
                 std::string("with it set (layers), came ") + hex_byte(version) + " and " +
                 hex_byte(flags));
    }
    if (extended && header.tile == kDefaultTile) {
        fail(ErrorCode::corrupt, "header: tile side 512 is the default, expected no field");
    }
    return header;
}

Header read_bare_header(Cursor& in) {
    require(in, 4, "the bare header");
    in.offset = 1;
    Header header;
    header.bare = true;
    header.quality = in.u8();
    if (header.quality > kQualityMask) {
        fail(ErrorCode::corrupt, "bare header: expected quality 0 to 63, came " +
                                     std::to_string(header.quality) + " (offset 1)");
    }
    header.wire_id = in.u16();
    header.width = read_varint(in.data, in.size, in.offset, "width");
    header.height = read_varint(in.data, in.size, in.offset, "height");
    return header;
}

void require_payload(const Chunk& tile, const std::string& name) {
    if (tile.length > 0) return;
    fail(ErrorCode::corrupt, name +
                                 ": expected a payload of at least one byte, came none (offset " +
                                 std::to_string(tile.offset) + ")");
}

// REQUIRES: the cursor is at the first byte of a chunk of a full stream.
Chunk read_chunk(Cursor& in, const ChunkOrder& order) {
    const std::size_t start = in.offset;
    const std::string next = order.next();
    require(in, 1, "the next chunk, up to " + next + ",");
    Chunk chunk;
    chunk.type = in.u8();
    chunk.length = read_varint(in.data, in.size, in.offset, "chunk length");
    chunk.offset = in.offset;
    if (chunk.type == kChunkTile) require_payload(chunk, next);
    const std::string name = chunk.type == kChunkTile ? next : "chunk " + hex_byte(chunk.type);
    require(in, chunk.length + kChunkCrcBytes, name);
    in.offset += chunk.length;
    const std::uint32_t sum = crc32c(in.data + start, in.offset - start);
    chunk.crc_ok = sum == in.u32();
    return chunk;
}

bool damaged(const Chunk& chunk) {
    return !chunk.crc_ok;
}

// Appends the chunks of a full stream to `chunks`. Throws what a strict parse throws.
//
// The first layer alone is read up to its last tile; where one of its chunks is damaged, up to a
// sound layer chunk, whose being there shows that the tiles before it are as many as they should.
void read_chunks(Cursor& in, const Header& header, bool first_layer, std::vector<Chunk>& chunks) {
    ChunkOrder order(header);
    const bool stops = first_layer && header.layered;
    while (!order.complete()) {
        if (stops && order.layer_complete() && std::none_of(chunks.begin(), chunks.end(), damaged))
            return;
        const std::size_t start = in.offset;
        const Chunk chunk = read_chunk(in, order);
        const std::optional<Error> refusal = order.place(chunk.type, start);
        if (refusal && !chunk.crc_ok) {
            fail(ErrorCode::corrupt, std::string("wrong checksum, and ") + refusal->what());
        }
        if (refusal) throw *refusal;
        if (stops && chunk.type == kChunkLayer && chunk.crc_ok) return;
        chunks.push_back(chunk);
    }
    if (in.left() > 0) {
        fail(ErrorCode::trailing, std::to_string(in.left()) +
                                      " bytes follow the last tile (offset " +
                                      std::to_string(in.offset) + "), expected none");
    }
}

// Appends the tiles of a bare stream to `chunks`: one takes the rest, several say their lengths.
void read_bare_tiles(Cursor& in, std::uint32_t tiles, std::vector<Chunk>& chunks) {
    for (std::uint32_t tile = 0; tile < tiles; ++tile) {
        const std::string name = "tile " + std::to_string(tile);
        Chunk chunk;
        chunk.type = kChunkTile;
        chunk.crc_ok = true;
        chunk.length = tiles == 1 ? std::max<std::size_t>(in.left(), 1)
                                  : read_varint(in.data, in.size, in.offset, "tile length");
        chunk.offset = in.offset;
        require_payload(chunk, name);
        require(in, chunk.length, name);
        in.offset += chunk.length;
        chunks.push_back(chunk);
    }
    if (in.left() > 0) {
        fail(ErrorCode::trailing, std::to_string(in.left()) +
                                      " bytes follow the last tile (offset " +
                                      std::to_string(in.offset) + "), expected none");
    }
}

// The chunks that count as certain: all of the first layer, if a sound layer chunk follows it.
std::vector<Chunk>::iterator behind_layer_chunk(std::vector<Chunk>& chunks) {
    const auto layer = std::find_if(chunks.begin(), chunks.end(), [](const Chunk& chunk) {
        return chunk.type == kChunkLayer && chunk.crc_ok;
    });
    return layer == chunks.end() ? chunks.begin() : layer + 1;
}

}  // namespace

Stream parse(const std::uint8_t* data, std::size_t size, ParseOptions options) {
    Cursor in{data, size};
    Stream stream;
    const bool bare = size > 0 && data[0] == kBareMark;
    stream.header = bare ? read_bare_header(in) : read_full_header(in);
    if (const std::optional<Error> refusal = check_header(stream.header)) throw *refusal;
    std::vector<Chunk>& chunks = stream.chunks;
    try {
        if (bare) {
            read_bare_tiles(in, tile_count(stream.header), chunks);
        } else {
            read_chunks(in, stream.header, options.first_layer, chunks);
        }
    } catch (const Error& error) {
        const auto doubt = std::find_if(behind_layer_chunk(chunks), chunks.end(), damaged);
        if (!options.lenient && doubt != chunks.end()) {
            fail(ErrorCode::corrupt, "chunk " + hex_byte(doubt->type) + " with payload at offset " +
                                         std::to_string(doubt->offset) +
                                         " has a wrong checksum; behind it: " + error.what());
        }
        if (!options.lenient) throw;
        if (doubt != chunks.end()) chunks.erase(doubt + 1, chunks.end());
    }
    if (options.first_layer) {
        chunks.erase(std::find_if(chunks.begin(), chunks.end(),
                                  [](const Chunk& chunk) { return chunk.type == kChunkLayer; }),
                     chunks.end());
    }
    return stream;
}

}  // namespace tcs
