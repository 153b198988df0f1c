// The order in which the chunks of a full stream come.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>

#include "container_checks.hpp"
#include "tcs/container.hpp"
#include "tcs/status.hpp"

namespace tcs {

// Follows the chunks of a stream and says what breaks their order.
class ChunkOrder {
public:
    explicit ChunkOrder(const Header& header);

    // Takes the next chunk; returns what is wrong with its being here, or nothing.
    // `offset` is named in the message.
    std::optional<Error> take(std::uint8_t type, std::size_t offset);

    // Where the chunk taken last has to belong.
    const ChunkPlace& place() const noexcept { return place_; }

    // Whether the layer that has begun last has all its tiles, and whether no other follows it.
    bool layer_complete() const noexcept { return tile_ == tiles_; }
    bool complete() const noexcept { return layer_complete() && !base_waits_; }

    // What has to come next, "tile 3" or "the layer chunk", for messages.
    std::string next() const;

private:
    std::optional<Error> take_tile(std::uint8_t type, const std::string& name);
    std::optional<Error> take_layer(const std::string& name);
    std::optional<Error> take_beside(std::uint8_t type, const std::string& name);

    bool bound_;   // of format 0.4 or later
    bool marked_;  // with other chunks than one tile
    std::uint32_t tiles_;
    std::uint32_t tile_ = 0;    // the next one of the layer that has begun last
    std::uint32_t beside_ = 0;  // ancillary chunks taken
    bool base_waits_;           // a base layer is announced and has not begun
    bool in_base_ = false;      // its layer chunk has come
    bool map_waits_ = false;    // a quality map has come and its tile has not
    std::bitset<256> taken_;    // types of chunks that are about no tile
    ChunkPlace place_;
};

// Whether a chunk of this type stands before the first tile: an ancillary one or, from 0.4 on
// (`bound`), a needed text.
constexpr bool stands_beside(std::uint8_t type, bool bound) noexcept {
    return is_ancillary(type) || (bound && type == kChunkNeededText);
}

}  // namespace tcs
