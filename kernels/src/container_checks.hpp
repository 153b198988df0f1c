// The checks of chunks from format 0.4 on: each covers the stream's header and the chunk's place.
//
// READ ME FIRST. check = CRC-32C(header, u32 place, type, length bytes, payload). A CRC can be run
// backwards: from the check over payload, length and type to the sum behind the place, and from
// there over its four bytes to the place itself, as the sum before them is the header's. Every
// check gives some place; one of a chunk that is damaged or of another stream gives any of 2^32, of
// which few are places that the chunk's type can have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tcs/container.hpp"

namespace tcs {

// Where a chunk belongs. Both false and 0 for chunks that are neither about tiles nor layers.
struct ChunkPlace {
    std::uint32_t tile = 0;
    bool base = false;    // in the base layer, or the chunk that begins it
    bool mapped = false;  // a tile with a quality map before it

    bool operator==(const ChunkPlace& other) const {
        return tile == other.tile && base == other.base && mapped == other.mapped;
    }
};

// The place that a number of the format means for a chunk of a type, if it can have it in a stream
// of this header at all.
std::optional<ChunkPlace> place_of_type(std::uint8_t type, std::uint32_t number,
                                        const Header& header);

// INVARIANT: header_sum is the CRC-32C of all bytes of the header.
class ChunkChecks {
public:
    ChunkChecks(const std::uint8_t* header, std::size_t size);

    // The check of a chunk; `chunk` is its type, length bytes and payload.
    std::uint32_t check_at(const ChunkPlace& place, const std::uint8_t* chunk,
                           std::size_t size) const;

    // The number of the place for which check_at gives `check`.
    std::uint32_t number_of(const std::uint8_t* chunk, std::size_t size, std::uint32_t check) const;

private:
    std::uint32_t header_sum_;
};

}  // namespace tcs
