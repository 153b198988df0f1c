// What the readers of the container share: a place in the bytes, and the functions that parse()
// joins, in the order in which it calls them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "container_order.hpp"
#include "container_rules.hpp"
#include "tcs/container.hpp"

namespace tcs {

// The bytes of a stream and how far they are read. INVARIANT: offset <= size.
struct Cursor {
    const std::uint8_t* data;
    std::size_t size;
    std::size_t offset = 0;

    std::size_t left() const { return size - offset; }

    // Throws Error(truncated) unless so many bytes are left. `what` needs them.
    void require(std::size_t bytes, const std::string& what) const;

    // REQUIRES: left() >= 1, 2 and 4.
    std::uint8_t u8() { return data[offset++]; }
    std::uint16_t u16() {
        const unsigned low = u8();
        return static_cast<std::uint16_t>(low | static_cast<unsigned>(u8()) << 8);
    }
    std::uint32_t u32() {
        const std::uint32_t low = u16();
        return low | static_cast<std::uint32_t>(u16()) << 16;
    }
};

[[noreturn]] inline void fail(ErrorCode code, const std::string& message) {
    throw Error(code, message);
}

inline bool is_damaged(const Chunk& chunk) {
    return chunk.fault == ChunkFault::damaged;
}

// A chunk whose extent is known and whose check is still to be judged.
struct Frame {
    Chunk chunk;
    std::size_t start = 0;    // of its type byte
    std::uint32_t check = 0;  // as the stream says it

    const std::uint8_t* bytes(const Cursor& in) const { return in.data + start; }
    std::size_t size() const { return chunk.offset + chunk.length - start; }
};

// Reads type, length and check of the chunk at the cursor and moves behind it. `next` is what has
// to come, for messages. Throws what is wrong with the length, or with a tile of no bytes.
Frame read_frame(Cursor& in, const std::string& next);

// Marks a sound tile whose quality map, the chunk before it, is damaged.
void mark_mapless(Chunk& chunk, const ChunkPlace& place, const std::vector<Chunk>& before);

// Throws Error(corrupt) for what follows a damaged chunk and makes no sense.
[[noreturn]] void throw_behind_damage(const Chunk& doubt, const Error& error);

// Throws Error(corrupt) if a tile has no payload.
void require_payload(const Chunk& tile, const std::string& name);

// Reads a full header, or a bare one, and checks all that it says of itself.
Header read_full_header(Cursor& in);
Header read_bare_header(Cursor& in);

// The chunks behind a header, appended to `chunks`. Each throws what a strict parse throws, but for
// the concealing one.
void read_bound_chunks(Cursor& in, const Header& header, bool first_layer,
                       std::vector<Chunk>& chunks);
void conceal_bound_chunks(Cursor& in, const Header& header, bool first_layer,
                          std::vector<Chunk>& chunks);
void read_bare_tiles(Cursor& in, std::uint32_t tiles, std::vector<Chunk>& chunks);

// The chunks of a stream before 0.4, strictly or not; fills in the header's shown size.
void read_former_chunks(Cursor& in, ParseOptions options, Stream& stream);

}  // namespace tcs
