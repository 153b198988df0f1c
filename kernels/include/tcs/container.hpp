// The `.tcs` container: header, chunks, the small profile and the bare mode.
// docs/reference/format.md is its specification.
//
// READ ME FIRST. parse() checks structure and sums only; it copies nothing, allocates a record per
// chunk and never trusts a declared size. A chunk whose check fails is marked, not refused, because
// the caller may conceal a damaged tile; nothing about it is certain, its type and length included.
// From format 0.4 on a chunk's check covers the stream's header and the chunk's place, and the
// place can be computed from the check: a lenient parse finds where each chunk belongs by the chunk
// alone. In streams of before only the order of chunks says that, so that behind a damaged one the
// whole stream has to add up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcs {

constexpr std::uint8_t kVersionMajor = 0;
constexpr std::uint8_t kVersionMinor = 4;
constexpr std::uint8_t kNewestVersion =
    static_cast<std::uint8_t>((kVersionMajor << 4) | kVersionMinor);
constexpr std::uint8_t kBareMark = 0xE1;
constexpr std::uint32_t kDefaultTile = 512;  // pixels a side
constexpr std::uint32_t kTileUnit = 64;      // tile sides are multiples of it
constexpr std::uint32_t kMaxTile = 255 * kTileUnit;
constexpr std::uint32_t kMaxSide = 65535;  // pixels
constexpr std::uint32_t kMaxTiles = 1U << 16;

enum ChunkType : std::uint8_t {
    kChunkTile = 0x01,
    kChunkNeededText = 0x03,  // kChunkText, without which a model does not decode
    kChunkLayer = 0x04,
    kChunkQualityMap = 0x05,
    kChunkIcc = 0x81,
    kChunkExif = 0x82,
    kChunkUser = 0x83,
    kChunkSize = 0x84,  // the shown size, in streams before 0.4 only
    kChunkText = 0x85,
};

constexpr bool is_ancillary(std::uint8_t type) noexcept {
    return (type & 0x80U) != 0;
}

/// What a stream says about itself before its first chunk. Bare streams and small ones carry no
/// bundle hash (0 here) and always have the default tile; bare ones are shown as coded.
struct Header {
    std::uint32_t width = 0;         // as coded, 1..65535 pixels
    std::uint32_t height = 0;        // 1..65535 pixels
    std::uint32_t shown_width = 0;   // no less than width; both 0 for write(): as coded
    std::uint32_t shown_height = 0;  // no less than height
    std::uint8_t quality = 0;        // 0..63
    std::uint16_t wire_id = 0;
    std::uint32_t bundle_hash = 0;      // first four bytes of the bundle's SHA-256, little endian
    std::uint32_t tile = kDefaultTile;  // pixels a side, a multiple of 64 up to 16320
    bool bare = false;
    bool small = false;              // 7 to 9 bytes of header, and one check for all bytes
    std::uint16_t bundle_check = 0;  // of a small stream: bundle_check() of its bundle's hash
    bool layered = false;            // a base layer follows the tiles of the first one
    // Of what parse() read, and not looked at by write():
    std::uint8_t version = kNewestVersion;  // major * 16 + minor; of a bare stream 0x01
    bool marked = false;                    // written with more than one chunk; false before 0.4
};

/// Tiles of the picture, in each layer. REQUIRES: width, height and tile within their limits.
constexpr std::uint32_t tile_count(const Header& header) noexcept {
    const std::uint32_t across = (header.width + header.tile - 1) / header.tile;
    const std::uint32_t down = (header.height + header.tile - 1) / header.tile;
    return across * down;
}

/// What is wrong with a chunk that a lenient parse found.
enum class ChunkFault : std::uint8_t {
    none,
    damaged,  // its check fails: damaged, or of another stream; all but its extent is a guess
    stray,    // sound, but its place is taken, or nothing there asks for it
    moved,    // sound and to be used, but not where it should stand in the stream
    mapless,  // a sound tile whose quality map is damaged or missing: it cannot be decoded
};

/// A chunk found in a stream; its payload is stream[offset .. offset + length).
struct Chunk {
    std::uint8_t type = 0;
    ChunkFault fault = ChunkFault::none;  // of a strict parse never stray or moved
    bool base = false;                    // of the base layer
    std::uint32_t tile = 0;               // of a tile or its quality map, in raster order; else 0
    std::size_t offset = 0;
    std::size_t length = 0;
};

struct Stream {
    Header header;
    std::vector<Chunk> chunks;  // in stream order
};

/// How much of a stream parse() looks at, and how strictly.
struct ParseOptions {
    bool lenient = false;      // return what is whole instead of throwing, see parse
    bool first_layer = false;  // leave out a base layer; nothing behind the first one is looked at
};

/// A chunk to be written. REQUIRES: data points at `size` bytes that outlive the call.
struct ChunkData {
    std::uint8_t type = 0;
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
};

/// Reads a full, a small or a bare stream, told apart by the first byte.
///
/// A small stream's check is not judged: it covers the hash of a bundle which the stream does not
/// carry. Header::bundle_check is what its bundle has to give (tcs/crc16.hpp); the stream is
/// damaged or of another bundle where the bundle at hand gives something else.
///
/// Strict (lenient = false): the stream has to hold all tiles of all layers in order and nothing
/// behind them; with first_layer, those of the first one and anything behind them. Chunks whose
/// check fails come back as damaged; structure that breaks behind such a chunk throws corrupt.
///
/// Lenient: returns what chunks can be told of what follows the header, each with what is wrong
/// with it, and throws only for bytes behind a stream that is complete (trailing) and for a sound
/// critical chunk of an unknown type (unsupported_chunk). A damaged chunk has the tile that was to
/// come next. If no chunk has a fault and none that is needed is missing, the strict parse accepts
/// the stream. In streams before 0.4, chunks behind a damaged one are kept only if the stream ends
/// exactly with the last tile, or its first layer with a sound layer chunk: otherwise the damaged
/// type or length may be what is wrong, and a later tile could be taken for its neighbour.
///
/// Throws Error: not_tcs, newer_version, truncated, corrupt, limit (zero
/// or too many of something), unsupported_chunk, trailing.
Stream parse(const std::uint8_t* data, std::size_t size, ParseOptions options = {});

/// Writes a stream of the newest version. The chunks come in stream order and must be what parse()
/// accepts: ancillary ones and a needed text, one of a type, then for each tile in raster order
/// [quality map,] tile; in a layered stream then the layer chunk and the tiles of the base layer in
/// the same way. A bare stream takes tiles only, a small one a text (0x85), quality maps and tiles.
/// Throws Error(argument) for any header field or chunk that a reader would refuse.
std::vector<std::uint8_t> write(const Header& header, const std::vector<ChunkData>& chunks);

}  // namespace tcs
