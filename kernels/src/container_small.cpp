#include "container_small.hpp"

#include <algorithm>

#include "tcs/crc16.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kFactorUnit = 32;  // a factor of 32 doubles
constexpr std::uint32_t kMaxFactor = 255;
constexpr unsigned kQualityBits = 6;
constexpr unsigned kSideBits = 9, kLargeSideBits = 13;

// Ids are below 0xF0, or of private models from 0xF0F0 to 0xF0FF: one byte says which.
constexpr std::uint8_t kPrivate = 0xF0;
constexpr std::uint16_t kPrivateBase = 0xF000;

std::uint16_t wire_id_of(std::uint8_t byte) {
    return static_cast<std::uint16_t>(byte < kPrivate ? byte : kPrivateBase | byte);
}

// The second byte of a full stream, and no model's: a full stream whose first byte is damaged must
// not be taken for a small one.
constexpr std::uint16_t kNoModel = 0x54;

std::uint32_t shown_side(std::uint32_t coded, std::uint32_t factor) {
    return (coded * (kFactorUnit + factor) + kFactorUnit / 2) / kFactorUnit;
}

bool shows(const Header& header, std::uint32_t factor) {
    return shown_side(header.width, factor) == header.shown_width &&
           shown_side(header.height, factor) == header.shown_height;
}

// The smallest factor with which the coded size is shown as the header says; above kMaxFactor
// where there is none.
std::uint32_t factor_of(const Header& header) {
    std::uint32_t factor = 0;
    while (factor <= kMaxFactor && !shows(header, factor))
        ++factor;
    return factor;
}

bool is_large(const Header& header) {
    return std::max(header.width, header.height) > kSmallSide;
}

void read_size(Cursor& in, bool large, Header& header) {
    const std::uint32_t low = in.u16();
    const std::uint32_t high = large ? in.u16() : in.u8();
    const std::uint32_t word = low | high << 16U;
    const unsigned bits = large ? kLargeSideBits : kSideBits;
    const std::uint32_t mask = (1U << bits) - 1U;
    header.quality = static_cast<std::uint8_t>(word & kQualityMask);
    header.width = header.shown_width = (word >> kQualityBits & mask) + 1;
    header.height = header.shown_height = (word >> (kQualityBits + bits) & mask) + 1;
    if (large && !is_large(header)) {
        fail(ErrorCode::corrupt,
             "small header: the large form is for sides above 512 pixels, expected the other one");
    }
}

void read_factor(Cursor& in, Header& header) {
    const std::uint32_t factor = in.u8();
    header.shown_width = shown_side(header.width, factor);
    header.shown_height = shown_side(header.height, factor);
    if (factor_of(header) != factor || factor == 0) {
        fail(ErrorCode::corrupt,
             "small header: expected the smallest factor that gives the shown "
             "size, and none for the coded one, came " +
                 std::to_string(factor));
    }
    if (const std::optional<Error> refusal = check_shown(header)) throw *refusal;
}

// The sum behind the bundle's hash follows from all bytes of the stream.
void read_small_header(Cursor& in, Header& header) {
    const std::uint8_t flags = in.u8();
    const bool large = (flags & kSmallLarge) != 0, shown = (flags & kSmallShown) != 0;
    in.require(6U + (large ? 1U : 0U) + (shown ? 1U : 0U), "the rest of the small header");
    header.small = true;
    header.wire_id = wire_id_of(in.u8());
    if (header.wire_id == kNoModel) {
        fail(ErrorCode::corrupt,
             "small header: expected the wire id of a model, came 0x54, which "
             "is the second byte of a full stream: its first byte is damaged");
    }
    read_size(in, large, header);
    if (shown) read_factor(in, header);
    const std::size_t before = in.offset;
    const std::uint16_t check = in.u16();
    const std::uint16_t behind = crc16_before(in.data + in.offset, in.left(), check);
    header.bundle_check = crc16_before(in.data, before, behind);
}

void take(Cursor& in, std::uint8_t type, std::uint32_t tile, std::size_t length,
          std::vector<Chunk>& chunks) {
    const std::string name = type == kChunkText ? "the text" : tile_name(tile, false);
    Chunk chunk;
    chunk.type = type;
    chunk.tile = tile;
    chunk.offset = in.offset;
    chunk.length = length;
    if (type == kChunkTile) require_payload(chunk, name);
    in.require(length, name);
    in.offset += length;
    chunks.push_back(chunk);
}

void read_parts(Cursor& in, std::uint8_t flags, std::uint32_t tiles, std::vector<Chunk>& chunks) {
    const auto length = [&](const char* what) {
        return read_varint(in.data, in.size, in.offset, what);
    };
    if ((flags & kSmallText) != 0) take(in, kChunkText, 0, length("text length"), chunks);
    for (std::uint32_t tile = 0; tile < tiles; ++tile) {
        const std::size_t map = (flags & kSmallMaps) != 0 ? length("quality map length") : 0;
        if (map > 0) take(in, kChunkQualityMap, tile, map, chunks);
        const bool last = tile + 1 == tiles;
        const std::size_t size = last ? std::max<std::size_t>(in.left(), 1) : length("tile length");
        take(in, kChunkTile, tile, size, chunks);
    }
}

bool is_map(const Chunk& chunk) {
    return chunk.type == kChunkQualityMap;
}

void append(Bytes& out, const ChunkData& chunk) {
    out.insert(out.end(), chunk.data, chunk.data + chunk.size);
}

void append_length(Bytes& out, std::size_t size) {
    append_varint(out, static_cast<std::uint32_t>(size));
}

// All bytes before the check.
Bytes small_header(const Header& header, std::uint8_t flags) {
    const bool large = (flags & kSmallLarge) != 0;
    const unsigned bits = large ? kLargeSideBits : kSideBits;
    const std::uint32_t word = header.quality | (header.width - 1) << kQualityBits |
                               (header.height - 1) << (kQualityBits + bits);
    Bytes out = {static_cast<std::uint8_t>(kSmallMark | flags),
                 static_cast<std::uint8_t>(header.wire_id & 0xFFU)};
    for (unsigned n = 0; n < (large ? 4U : 3U); ++n)
        out.push_back(static_cast<std::uint8_t>(word >> (8 * n) & 0xFFU));
    if ((flags & kSmallShown) != 0) out.push_back(static_cast<std::uint8_t>(factor_of(header)));
    return out;
}

// All bytes behind the check. REQUIRES: as write_small().
Bytes small_parts(std::uint8_t flags, std::uint32_t tiles, const std::vector<ChunkData>& chunks) {
    Bytes out;
    std::uint32_t tile = 0;
    bool mapped = false;  // a map of the tile to come stands there
    for (const ChunkData& chunk : chunks) {
        if (chunk.type == kChunkTile) {
            if ((flags & kSmallMaps) != 0 && !mapped) append_length(out, 0);
            mapped = false;
            if (++tile < tiles) append_length(out, chunk.size);
        } else {
            append_length(out, chunk.size);
            mapped = chunk.type == kChunkQualityMap;
        }
        append(out, chunk);
    }
    return out;
}

}  // namespace

void read_small(Cursor& in, bool lenient, Stream& stream) {
    const std::uint8_t flags = in.data[0];
    read_small_header(in, stream.header);
    try {
        read_parts(in, flags, tile_count(stream.header), stream.chunks);
    } catch (const Error&) {
        if (!lenient) throw;
        return;
    }
    if ((flags & kSmallMaps) != 0 &&
        std::none_of(stream.chunks.begin(), stream.chunks.end(), is_map)) {
        fail(ErrorCode::corrupt, "small header: expected a quality map, as bit 2 says, came none");
    }
}

std::optional<std::string> small_refusal(const Header& header) {
    const auto sides = [](std::uint32_t width, std::uint32_t height) {
        return std::to_string(width) + " x " + std::to_string(height);
    };
    if (header.tile != kDefaultTile) {
        return "a small stream has tiles of 512, came " + std::to_string(header.tile);
    }
    if (header.layered) return "a small stream has one layer";
    if (std::max(header.width, header.height) > kSmallLargeSide) {
        return "a small stream has at most 8192 pixels a side, came " +
               sides(header.width, header.height);
    }
    if (wire_id_of(static_cast<std::uint8_t>(header.wire_id & 0xFFU)) != header.wire_id ||
        header.wire_id == kNoModel) {
        return "a small stream is of a model of wire id below 0xF0 but 0x54, or from 0xF0F0 to "
               "0xF0FF, came " +
               std::to_string(header.wire_id);
    }
    if (factor_of(header) > kMaxFactor) {
        return "a small stream is shown at (1 + n / 32) of its size, n from 0 to 255, came " +
               sides(header.width, header.height) + " to be shown at " +
               sides(header.shown_width, header.shown_height);
    }
    return std::nullopt;
}

Bytes write_small(const Header& header, const std::vector<ChunkData>& chunks) {
    const auto has = [&](std::uint8_t type) {
        return std::any_of(chunks.begin(), chunks.end(),
                           [=](const ChunkData& chunk) { return chunk.type == type; });
    };
    const auto flags = static_cast<std::uint8_t>(
        (is_large(header) ? kSmallLarge : 0U) | (factor_of(header) > 0 ? kSmallShown : 0U) |
        (has(kChunkQualityMap) ? kSmallMaps : 0U) | (has(kChunkText) ? kSmallText : 0U));
    Bytes out = small_header(header, flags);
    const Bytes rest = small_parts(flags, tile_count(header), chunks);
    const std::uint16_t sum =
        crc16(rest.data(), rest.size(), crc16(out.data(), out.size(), header.bundle_check));
    out.push_back(static_cast<std::uint8_t>(sum & 0xFFU));
    out.push_back(static_cast<std::uint8_t>(sum >> 8U));
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

}  // namespace tcs
