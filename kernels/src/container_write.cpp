#include <algorithm>

#include "container_rules.hpp"
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

// Everything that parse() would refuse, found before a byte is written.
void check(const Header& header, const std::vector<ChunkData>& chunks) {
    if (const std::optional<Error> refusal = check_header(header)) refuse(refusal->what());
    if (header.bare && header.tile != kDefaultTile) {
        refuse("a bare stream has tiles of 512, came " + std::to_string(header.tile));
    }
    if (header.bare && header.layered) refuse("a bare stream has one layer");
    ChunkOrder order(header);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const ChunkData& chunk = chunks[i];
        const std::string name = "chunk " + std::to_string(i);
        if (header.bare && chunk.type != kChunkTile) {
            refuse(name + ": a bare stream takes tiles (0x01) only, came " + hex_byte(chunk.type));
        }
        if (chunk.size > kMaxVarint) {
            refuse(name + ": expected at most " + std::to_string(kMaxVarint) + " bytes, came " +
                   std::to_string(chunk.size));
        }
        if (chunk.type == kChunkTile && chunk.size == 0) refuse(name + ": a tile without bytes");
        if (order.complete()) refuse(name + ": nothing may follow the last tile");
        if (const auto refusal = order.place(chunk.type, i)) refuse(name + ": " + refusal->what());
    }
    if (!order.complete()) {
        const auto tiles = std::count_if(chunks.begin(), chunks.end(), [](const ChunkData& chunk) {
            return chunk.type == kChunkTile;
        });
        refuse("expected " + std::to_string(tile_count(header)) + " tiles" +
               (header.layered ? " and as many behind the layer chunk" : "") + ", came " +
               std::to_string(tiles));
    }
}

void append_full_header(Bytes& out, const Header& header) {
    const bool extended = header.tile != kDefaultTile;
    out.insert(out.end(), kMagic.begin(), kMagic.end());
    out.push_back(version_byte(header));
    out.push_back(static_cast<std::uint8_t>(header.quality | (extended ? kExtensionBit : 0U) |
                                            (header.layered ? kLayeredBit : 0U)));
    append_u16(out, header.wire_id);
    append_u32(out, header.bundle_hash);
    append_u16(out, header.width);
    append_u16(out, header.height);
    if (extended) out.push_back(static_cast<std::uint8_t>(header.tile / kTileUnit));
    append_u16(out, crc32c(out.data(), out.size()) & 0xFFFFU);
}

void append_chunk(Bytes& out, const ChunkData& chunk) {
    const std::size_t start = out.size();
    out.push_back(chunk.type);
    append_varint(out, static_cast<std::uint32_t>(chunk.size));
    out.insert(out.end(), chunk.data, chunk.data + chunk.size);
    append_u32(out, crc32c(out.data() + start, out.size() - start));
}

void append_bare_header(Bytes& out, const Header& header) {
    out.push_back(kBareMark);
    out.push_back(header.quality);
    append_u16(out, header.wire_id);
    append_varint(out, header.width);
    append_varint(out, header.height);
}

}  // namespace

Bytes write(const Header& header, const std::vector<ChunkData>& chunks) {
    check(header, chunks);
    Bytes out;
    if (!header.bare) {
        append_full_header(out, header);
        for (const ChunkData& chunk : chunks)
            append_chunk(out, chunk);
        return out;
    }
    append_bare_header(out, header);
    for (const ChunkData& chunk : chunks) {
        if (chunks.size() > 1) append_varint(out, static_cast<std::uint32_t>(chunk.size));
        out.insert(out.end(), chunk.data, chunk.data + chunk.size);
    }
    return out;
}

}  // namespace tcs
