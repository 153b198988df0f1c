// What both sides of the container agree on: field limits and the order of chunks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "tcs/container.hpp"
#include "tcs/status.hpp"

namespace tcs {

constexpr std::array<std::uint8_t, 3> kMagic = {0xF4, 0x54, 0x43};
constexpr std::uint8_t kNewestVersion =
    static_cast<std::uint8_t>((kVersionMajor << 4) | kVersionMinor);
constexpr std::uint8_t kQualityMask = 0x3F;
constexpr std::uint8_t kExtensionBit = 0x40;
constexpr std::uint8_t kLayeredBit = 0x80;
constexpr std::size_t kMinHeaderBytes = 17;
constexpr std::size_t kHeaderCrcBytes = 2;
constexpr std::size_t kChunkCrcBytes = 4;

// "0x01", for messages.
std::string hex_byte(std::uint8_t byte);

// What a reader of this version holds against the header's numbers, if anything.
std::optional<Error> check_header(const Header& header);

// Follows the chunks of a stream and says what breaks their order.
class ChunkOrder {
public:
    explicit ChunkOrder(const Header& header)
        : tiles_(tile_count(header)), base_waits_(header.layered) {}

    // Takes the next chunk; returns what is wrong with its being here, or nothing.
    // `offset` is named in the message.
    std::optional<Error> place(std::uint8_t type, std::size_t offset);

    // Whether the layer that has begun last has all its tiles, and whether no other follows it.
    bool layer_complete() const noexcept { return placed_ == tiles_; }
    bool complete() const noexcept { return layer_complete() && !base_waits_; }

    // What has to come next, "tile 3" or "the layer chunk", for messages.
    std::string next() const;

private:
    std::optional<Error> place_ancillary(std::uint8_t type, const std::string& name);
    std::optional<Error> place_layer(const std::string& name);

    std::uint32_t tiles_;
    std::uint32_t placed_ = 0;     // tiles seen of the layer that has begun last
    std::uint32_t ancillary_ = 0;  // ancillary chunks seen
    bool base_waits_;              // a base layer is announced and has not begun
    bool in_base_ = false;         // its layer chunk has come
    bool map_waits_ = false;       // a quality map has come and its tile has not
    std::uint32_t singles_ = 0;    // a bit for each type in kSingle that has come
};

}  // namespace tcs
