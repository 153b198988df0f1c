// The `.tcs` container: header, chunks and the bare mode. docs/reference/format.md is its
// specification.
//
// READ ME FIRST. parse() checks structure and sums only; it copies nothing, allocates a record per
// chunk and never trusts a declared size. A chunk whose checksum fails is marked, not refused,
// because the caller may conceal a damaged tile. Nothing about such a chunk is certain, its type
// and length included: what a strict parse cannot make sense of behind one is reported as damage,
// and a lenient parse keeps later chunks only when the whole stream still adds up (see parse).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcs {

constexpr std::uint8_t kVersionMajor = 0;
constexpr std::uint8_t kVersionMinor = 2;
constexpr std::uint8_t kBareMark = 0xE1;
constexpr std::uint32_t kDefaultTile = 512;  // pixels a side
constexpr std::uint32_t kTileUnit = 64;      // tile sides are multiples of it
constexpr std::uint32_t kMaxTile = 255 * kTileUnit;
constexpr std::uint32_t kMaxSide = 65535;  // pixels
constexpr std::uint32_t kMaxTiles = 1U << 16;
constexpr std::uint32_t kMaxAncillary = 1024;  // chunks before the first tile

enum ChunkType : std::uint8_t {
    kChunkTile = 0x01,
    kChunkText = 0x03,  // reserved: refused by this version
    kChunkLayer = 0x04,
    kChunkQualityMap = 0x05,
    kChunkIcc = 0x81,
    kChunkExif = 0x82,
    kChunkUser = 0x83,
    kChunkSize = 0x84,
};

constexpr bool is_ancillary(std::uint8_t type) noexcept {
    return (type & 0x80U) != 0;
}

/// What a stream says about itself before its first chunk. Bare streams carry no bundle hash (0
/// here) and always have the default tile.
struct Header {
    std::uint32_t width = 0;   // as coded, 1..65535 pixels
    std::uint32_t height = 0;  // 1..65535 pixels
    std::uint8_t quality = 0;  // 0..63
    std::uint16_t wire_id = 0;
    std::uint32_t bundle_hash = 0;      // first four bytes of the bundle's SHA-256, little endian
    std::uint32_t tile = kDefaultTile;  // pixels a side, a multiple of 64 up to 16320
    bool bare = false;
    bool layered = false;  // a base layer follows the tiles of the first one
};

/// major * 16 + minor: the lowest version that has what the stream uses. Layers came with 0.2.
constexpr std::uint8_t version_byte(const Header& header) noexcept {
    return static_cast<std::uint8_t>((kVersionMajor << 4) | (header.layered ? 2 : 1));
}

/// Tiles of the picture, in each layer. REQUIRES: width, height and tile within their limits.
constexpr std::uint32_t tile_count(const Header& header) noexcept {
    const std::uint32_t across = (header.width + header.tile - 1) / header.tile;
    const std::uint32_t down = (header.height + header.tile - 1) / header.tile;
    return across * down;
}

/// A chunk found in a stream; its payload is stream[offset .. offset + length).
struct Chunk {
    std::uint8_t type = 0;
    bool crc_ok = false;  // always true in bare streams, which have no checksums
    std::size_t offset = 0;
    std::size_t length = 0;
};

struct Stream {
    Header header;
    // In stream order. In each layer the n-th tile chunk is tile n in raster order; what stands
    // behind the layer chunk belongs to the base layer.
    std::vector<Chunk> chunks;
};

/// How much of a stream parse() looks at, and how strictly.
struct ParseOptions {
    bool lenient = false;      // return what is whole instead of throwing, see parse
    bool first_layer = false;  // stop behind the last tile of the first layer, if another follows
};

/// A chunk to be written. REQUIRES: data points at `size` bytes that outlive the call.
struct ChunkData {
    std::uint8_t type = 0;
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
};

/// Reads a full or a bare stream, told apart by the first byte.
///
/// Strict (lenient = false): the stream has to hold all tiles of all layers and nothing behind
/// them; with first_layer, those of the first one and anything behind them. Chunks with wrong
/// checksums come back with crc_ok = false; structure that breaks behind such a chunk throws
/// corrupt. Lenient: never throws for what comes after the header; returns the chunks that
/// are whole. Behind a chunk of wrong checksum, chunks are kept only if the stream ends exactly
/// with the last tile, or its first layer with a sound layer chunk: otherwise its type or length
/// may be what is wrong, and a later tile could be taken for its neighbour.
///
/// Throws Error: not_tcs, newer_version, truncated, corrupt, limit (zero
/// or too many of something), unsupported_chunk, trailing.
Stream parse(const std::uint8_t* data, std::size_t size, ParseOptions options = {});

/// Writes a stream. The chunks come in stream order and must be what parse() accepts: ancillary
/// ones, then for each tile in raster order [quality map,] tile; in a layered stream then the layer
/// chunk and the tiles of the base layer in the same way. A bare stream takes tiles only.
/// Throws Error(argument) for any header field or chunk that a reader would refuse.
std::vector<std::uint8_t> write(const Header& header, const std::vector<ChunkData>& chunks);

}  // namespace tcs
