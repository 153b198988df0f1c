#include <algorithm>

#include "container_checks.hpp"
#include "container_order.hpp"
#include "container_rules.hpp"
#include "container_small.hpp"
#include "tcs/container.hpp"
#include "tcs/crc32c.hpp"
#include "tcs/status.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

using Bytes = std::vector<std::uint8_t>;

void append_u16(Bytes& out, std::uint32_t value) {
    out.push_back(static_cast<std::uint8_t>(value & 0xFFU));
    out.push_back(static_cast<std::uint8_t>((value >> 8) & 0xFFU));
}

void append_u32(Bytes& out, std::uint32_t value) {
    append_u16(out, value & 0xFFFFU);
    append_u16(out, value >> 16);
}

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::argument, message);
}

bool is_shown_as_coded(const Header& header) {
    return header.shown_width == header.width && header.shown_height == header.height;
}

// What write() goes by: the header with both shown sides, the version and whether there is a mark.
Header completed(Header header, std::size_t chunks) {
    if (header.shown_width == 0 && header.shown_height == 0) {
        header.shown_width = header.width;
        header.shown_height = header.height;
    }
    header.version = kNewestVersion;
    header.marked = chunks > 1;
    return header;
}

void check_fields(const Header& header) {
    if (const std::optional<Error> refusal = check_header(header)) refuse(refusal->what());
    if (const std::optional<Error> refusal = check_shown(header)) refuse(refusal->what());
    if (header.bare && header.tile != kDefaultTile) {
        refuse("a bare stream has tiles of 512, came " + std::to_string(header.tile));
    }
    if (header.bare && header.layered) refuse("a bare stream has one layer");
    if (header.bare && header.small) refuse("a stream is bare or small, not both");
    if (header.small) {
        if (const auto refusal = small_refusal(header)) refuse(*refusal);
    }
    if (header.bare && !is_shown_as_coded(header)) refuse("a bare stream is shown as coded");
}

bool is_small_chunk(std::uint8_t type) {
    return type == kChunkTile || type == kChunkQualityMap || type == kChunkText;
}

// Checks chunks against all that parse() would refuse; returns their places.
std::vector<ChunkPlace> check_chunks(const Header& header, const std::vector<ChunkData>& chunks) {
    std::vector<ChunkPlace> places;
    ChunkOrder order(header);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const ChunkData& chunk = chunks[i];
        const std::string name = "chunk " + std::to_string(i);
        if (header.bare && chunk.type != kChunkTile) {
            refuse(name + ": a bare stream takes tiles (0x01) only, came " + hex_byte(chunk.type));
        }
        if (header.small && !is_small_chunk(chunk.type)) {
            refuse(name +
                   ": a small stream takes tiles (0x01), quality maps (0x05) and a text "
                   "(0x85) only, came " +
                   hex_byte(chunk.type));
        }
        if (chunk.size > kMaxVarint) {
            refuse(name + ": expected at most " + std::to_string(kMaxVarint) + " bytes, came " +
                   std::to_string(chunk.size));
        }
        if (chunk.type == kChunkTile && chunk.size == 0) refuse(name + ": a tile without bytes");
        if (header.small && chunk.type == kChunkQualityMap && chunk.size == 0) {
            refuse(name + ": a quality map without bytes");
        }
        if (order.complete()) refuse(name + ": nothing may follow the last tile");
        if (const auto refusal = order.take(chunk.type, i)) refuse(name + ": " + refusal->what());
        places.push_back(order.place());
    }
    if (!order.complete()) {
        const auto tiles = std::count_if(chunks.begin(), chunks.end(), [](const ChunkData& chunk) {
            return chunk.type == kChunkTile;
        });
        refuse("expected " + std::to_string(tile_count(header)) + " tiles" +
               (header.layered ? " and as many behind the layer chunk" : "") + ", came " +
               std::to_string(tiles));
    }
    return places;
}

std::uint8_t options_of(const Header& header) {
    return static_cast<std::uint8_t>((header.tile != kDefaultTile ? kTileOption : 0U) |
                                     (is_shown_as_coded(header) ? 0U : kShownOption) |
                                     (header.layered ? kLayeredOption : 0U));
}

// What tells the chunks of two streams of equal headers apart, as far as 16 bits can.
std::uint32_t mark_of(const std::vector<ChunkData>& chunks) {
    std::uint32_t sum = 0;
    for (const ChunkData& chunk : chunks)
        sum = crc32c(chunk.data, chunk.size, sum);
    return sum & 0xFFFFU;
}

void append_full_header(Bytes& out, const Header& header, const std::vector<ChunkData>& chunks) {
    const std::uint8_t options = options_of(header);
    out.insert(out.end(), kMagic.begin(), kMagic.end());
    out.push_back(header.version);
    out.push_back(static_cast<std::uint8_t>(header.quality | (options != 0 ? kOptionsBit : 0U) |
                                            (header.marked ? kMarkBit : 0U)));
    append_u16(out, header.wire_id);
    append_u32(out, header.bundle_hash);
    append_u16(out, header.width);
    append_u16(out, header.height);
    if (options != 0) out.push_back(options);
    if ((options & kTileOption) != 0)
        out.push_back(static_cast<std::uint8_t>(header.tile / kTileUnit));
    if ((options & kShownOption) != 0) {
        append_u16(out, header.shown_width);
        append_u16(out, header.shown_height);
    }
    if (header.marked) append_u16(out, mark_of(chunks));
    append_u16(out, crc32c(out.data(), out.size()) & 0xFFFFU);
}

void append_chunk(Bytes& out, const ChunkData& chunk, const ChunkPlace& place,
                  const ChunkChecks& checks) {
    const std::size_t start = out.size();
    out.push_back(chunk.type);
    append_varint(out, static_cast<std::uint32_t>(chunk.size));
    out.insert(out.end(), chunk.data, chunk.data + chunk.size);
    append_u32(out, checks.check_at(place, out.data() + start, out.size() - start));
}

void append_bare_header(Bytes& out, const Header& header) {
    out.push_back(kBareMark);
    out.push_back(header.quality);
    append_u16(out, header.wire_id);
    append_varint(out, header.width);
    append_varint(out, header.height);
}

}  // namespace

Bytes write(const Header& asked, const std::vector<ChunkData>& chunks) {
    const Header header = completed(asked, chunks.size());
    check_fields(header);
    const std::vector<ChunkPlace> places = check_chunks(header, chunks);
    if (header.small) return write_small(header, chunks);
    Bytes out;
    if (header.bare) {
        append_bare_header(out, header);
        for (const ChunkData& chunk : chunks) {
            if (chunks.size() > 1) append_varint(out, static_cast<std::uint32_t>(chunk.size));
            out.insert(out.end(), chunk.data, chunk.data + chunk.size);
        }
        return out;
    }
    append_full_header(out, header, chunks);
    const ChunkChecks checks(out.data(), out.size());
    for (std::size_t i = 0; i < chunks.size(); ++i)
        append_chunk(out, chunks[i], places[i], checks);
    return out;
}

}  // namespace tcs
