// Headers of all versions, and of bare streams.
#include <algorithm>

#include "container_read.hpp"
#include "tcs/crc32c.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

// Leaves the cursor behind the magic. A proper prefix of it counts as truncated.
void read_magic(Cursor& in) {
    const std::size_t have = std::min(in.size, kMagic.size());
    if (!std::equal(in.data, in.data + have, kMagic.begin())) {
        std::string came;
        for (std::size_t i = 0; i < have; ++i)
            came += " " + hex_byte(in.data[i]);
        fail(ErrorCode::not_tcs,
             "not a .tcs stream: expected 0xF4 0x54 0x43, 0xD0 to 0xDF of a small stream or 0xE1 "
             "of a bare one, came" +
                 came);
    }
    in.require(kMinHeaderBytes, "the header");
    in.offset = kMagic.size();
}

std::uint8_t read_version(Cursor& in) {
    const std::uint8_t version = in.u8();
    if (version > kNewestVersion) {
        fail(ErrorCode::newer_version,
             "the stream is of format version " + std::to_string(version >> 4) + "." +
                 std::to_string(version & 15) + ", this library reads up to " +
                 std::to_string(kVersionMajor) + "." + std::to_string(kVersionMinor) +
                 ": install a newer tcsdk");
    }
    return version;
}

void read_common(Cursor& in, Header& header) {
    header.wire_id = in.u16();
    header.bundle_hash = in.u32();
    header.width = header.shown_width = in.u16();
    header.height = header.shown_height = in.u16();
}

// Reads a field that may be left out; `present` says whether it is there.
std::uint32_t read_field(Cursor& in, bool present, std::size_t bytes, std::uint32_t otherwise) {
    if (!present) return otherwise;
    in.require(bytes + kHeaderCrcBytes, "the rest of the header");
    return bytes == 1 ? in.u8() : in.u16();
}

// REQUIRES: the check is there.
void read_check(Cursor& in) {
    const std::uint32_t expected = crc32c(in.data, in.offset) & 0xFFFFU;
    const std::uint32_t came = in.u16();
    if (came == expected) return;
    fail(ErrorCode::corrupt, "header checksum: the bytes give " + std::to_string(expected) +
                                 ", the stream says " + std::to_string(came) + " (offset " +
                                 std::to_string(in.offset - kHeaderCrcBytes) + ")");
}

void check_tile_field(bool present, const Header& header) {
    if (!present || header.tile != kDefaultTile) return;
    fail(ErrorCode::corrupt, "header: tile side 512 is the default, expected no field");
}

void read_former_fields(Cursor& in, std::uint8_t flags, Header& header) {
    header.layered = (flags & kFormerLayeredBit) != 0;
    const bool tiled = (flags & kFormerTileBit) != 0;
    header.tile = read_field(in, tiled, 1, kDefaultTile / kTileUnit) * kTileUnit;
    read_check(in);
    if (header.version != (header.layered ? kVersion02 : kVersion01)) {
        fail(ErrorCode::corrupt,
             "header: expected version byte 0x04, 0x01 with bit 7 of the quality byte clear, or "
             "0x02 with it set (layers), came " +
                 hex_byte(header.version) + " and " + hex_byte(flags));
    }
    check_tile_field(tiled, header);
}

void check_options(std::uint8_t options) {
    if (options != 0 && (options & ~kOptionsMask) == 0) return;
    fail(ErrorCode::corrupt,
         "header: expected 1 to 7 in the options byte, which is left out where it would be 0, "
         "came " +
             hex_byte(options));
}

void read_fields(Cursor& in, std::uint8_t flags, Header& header) {
    const bool optional = (flags & kOptionsBit) != 0;
    const std::uint32_t options = read_field(in, optional, 1, 0);
    const bool tiled = (options & kTileOption) != 0;
    const bool shown = (options & kShownOption) != 0;
    header.layered = (options & kLayeredOption) != 0;
    header.marked = (flags & kMarkBit) != 0;
    header.tile = read_field(in, tiled, 1, kDefaultTile / kTileUnit) * kTileUnit;
    header.shown_width = read_field(in, shown, 2, header.width);
    header.shown_height = read_field(in, shown, 2, header.height);
    read_field(in, header.marked, 2, 0);  // of which only its being there says something
    in.require(kHeaderCrcBytes, "the rest of the header");
    read_check(in);
    if (optional) check_options(static_cast<std::uint8_t>(options));
    check_tile_field(tiled, header);
    const bool equal = header.shown_width == header.width && header.shown_height == header.height;
    if (shown && equal) {
        fail(ErrorCode::corrupt,
             "header: the shown size is the coded one by default, expected no field");
    }
    if (const std::optional<Error> refusal = check_shown(header)) throw *refusal;
}

// Without a mark there is no telling a chunk of this stream from one of another: one chunk alone.
void check_mark(const Header& header) {
    if (header.marked || (tile_count(header) == 1 && !header.layered)) return;
    const std::string parts =
        header.layered ? "two layers" : std::to_string(tile_count(header)) + " tiles";
    fail(ErrorCode::corrupt,
         "header: expected a mark (bit 7 of the quality byte), as the stream has " + parts);
}

}  // namespace

Header read_full_header(Cursor& in) {
    read_magic(in);
    Header header;
    header.version = read_version(in);
    const std::uint8_t flags = in.u8();
    header.quality = flags & kQualityMask;
    read_common(in, header);
    if (header.version != kNewestVersion) {
        read_former_fields(in, flags, header);
    } else {
        read_fields(in, flags, header);
    }
    if (const std::optional<Error> refusal = check_header(header)) throw *refusal;
    if (header.version == kNewestVersion) check_mark(header);
    return header;
}

Header read_bare_header(Cursor& in) {
    in.require(4, "the bare header");
    in.offset = 1;
    Header header;
    header.bare = true;
    header.version = kVersion01;
    header.quality = in.u8();
    if (header.quality > kQualityMask) {
        fail(ErrorCode::corrupt, "bare header: expected quality 0 to 63, came " +
                                     std::to_string(header.quality) + " (offset 1)");
    }
    header.wire_id = in.u16();
    header.width = header.shown_width = read_varint(in.data, in.size, in.offset, "width");
    header.height = header.shown_height = read_varint(in.data, in.size, in.offset, "height");
    if (const std::optional<Error> refusal = check_header(header)) throw *refusal;
    return header;
}

}  // namespace tcs
