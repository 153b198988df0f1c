// What both sides of the container agree on: the bits of the header and the limits of its fields.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "tcs/container.hpp"
#include "tcs/status.hpp"

namespace tcs {

constexpr std::array<std::uint8_t, 3> kMagic = {0xF4, 0x54, 0x43};
constexpr std::uint8_t kQualityMask = 0x3F;

// Bits of the quality byte, and of the options byte that the first of them announces.
constexpr std::uint8_t kOptionsBit = 0x40;
constexpr std::uint8_t kMarkBit = 0x80;
constexpr std::uint8_t kTileOption = 0x01;
constexpr std::uint8_t kShownOption = 0x02;
constexpr std::uint8_t kLayeredOption = 0x04;
constexpr std::uint8_t kOptionsMask = kTileOption | kShownOption | kLayeredOption;

// Versions before 0.4, and their bits of the quality byte.
constexpr std::uint8_t kVersion01 = 0x01;
constexpr std::uint8_t kVersion02 = 0x02;
constexpr std::uint8_t kFormerTileBit = 0x40;
constexpr std::uint8_t kFormerLayeredBit = 0x80;

constexpr std::size_t kMinHeaderBytes = 17;
constexpr std::size_t kHeaderCrcBytes = 2;
constexpr std::size_t kChunkCrcBytes = 4;

// Whether the checks of the stream's chunks cover header and place: from 0.4 on.
constexpr bool has_bound_chunks(const Header& header) noexcept {
    return !header.bare && header.version == kNewestVersion;  // of small ones the rules alone
}

// "0x01", for messages.
std::string hex_byte(std::uint8_t byte);

// "tile 3 of the base layer", for messages.
std::string tile_name(std::uint32_t tile, bool base);

// "bytes follow the last tile", of `left` bytes from `offset` on.
Error trailing_bytes(std::size_t left, std::size_t offset);

// What a reader holds against the header's limits, if anything. Both of the shown sides are there.
std::optional<Error> check_header(const Header& header);

// What is wrong with the shown size beside the coded one, if anything, behind "shown size: ".
std::optional<Error> check_shown(const Header& header);

}  // namespace tcs
