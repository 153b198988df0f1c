// The small profile: a header of 7 or 8 bytes, and one check for the whole stream.
//
// READ ME FIRST. The check is the CRC-16 of the bundle's hash and of all other bytes, and the hash
// is not in the stream. A CRC can be run backwards: from the check over all bytes of the stream to
// the sum behind the hash, Header::bundle_check. A damaged stream gives some other sum there. So
// parse() judges nothing: whoever has the bundle compares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "container_read.hpp"
#include "tcs/container.hpp"

namespace tcs {

constexpr std::uint8_t kSmallMark = 0xD0;  // the low four bits are flags
constexpr std::uint8_t kSmallMarkMask = 0xF0;
constexpr std::uint8_t kSmallLarge = 0x01;
constexpr std::uint8_t kSmallShown = 0x02;
constexpr std::uint8_t kSmallMaps = 0x04;
constexpr std::uint8_t kSmallText = 0x08;

constexpr std::uint32_t kSmallSide = 512;        // pixels, in 9 bits
constexpr std::uint32_t kSmallLargeSide = 8192;  // pixels, in 13 bits

// Reads header and chunks. Leniently, what can be told of a stream that breaks off.
void read_small(Cursor& in, bool lenient, Stream& stream);

// Why a header cannot be that of a small stream, if it cannot.
std::optional<std::string> small_refusal(const Header& header);

// Writes a small stream. REQUIRES: no refusal; the chunks are at most one text (0x85) and, for each
// tile in order, [quality map,] tile.
std::vector<std::uint8_t> write_small(const Header& header, const std::vector<ChunkData>& chunks);

}  // namespace tcs
