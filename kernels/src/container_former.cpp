// The chunks of streams before format 0.4: their checks cover the chunk alone, so that the order of
// chunks is all that says which tile one is.
#include <algorithm>

#include "container_read.hpp"
#include "tcs/crc32c.hpp"

namespace tcs {
namespace {

using Chunks = std::vector<Chunk>;

// Appends what a strict parse accepts; throws where it does.
//
// The first layer alone is read up to its last tile; where one of its chunks is damaged, up to a
// sound layer chunk, whose being there shows that the tiles before it are as many as they should.
void read_in_order(Cursor& in, const Header& header, bool first_layer, Chunks& chunks) {
    ChunkOrder order(header);
    const bool stops = first_layer && header.layered;
    while (!order.complete()) {
        if (stops && order.layer_complete() &&
            std::none_of(chunks.begin(), chunks.end(), is_damaged))
            return;
        Frame frame = read_frame(in, order.next());
        Chunk& chunk = frame.chunk;
        const bool sound = crc32c(frame.bytes(in), frame.size()) == frame.check;
        if (!sound) chunk.fault = ChunkFault::damaged;
        const std::optional<Error> refusal = order.take(chunk.type, frame.start);
        if (refusal && !sound) {
            fail(ErrorCode::corrupt, std::string("wrong checksum, and ") + refusal->what());
        }
        if (refusal) throw *refusal;
        chunk.tile = order.place().tile;
        chunk.base = order.place().base;
        mark_mapless(chunk, order.place(), chunks);
        if (stops && chunk.type == kChunkLayer && sound) return;
        chunks.push_back(chunk);
    }
    if (in.left() > 0) throw trailing_bytes(in.left(), in.offset);
}

// The chunks that count as certain: all of the first layer, if a sound layer chunk follows it.
Chunks::iterator behind_layer_chunk(Chunks& chunks) {
    const auto layer = std::find_if(chunks.begin(), chunks.end(), [](const Chunk& chunk) {
        return chunk.type == kChunkLayer && !is_damaged(chunk);
    });
    return layer == chunks.end() ? chunks.begin() : layer + 1;
}

// Takes the shown size from its chunk. Throws Error(corrupt) for one that makes no sense.
void read_shown(const Cursor& in, const Chunk& chunk, Header& header) {
    if (chunk.length != 4) {
        fail(ErrorCode::corrupt,
             "size chunk: expected 4 bytes of payload, came " + std::to_string(chunk.length));
    }
    Cursor payload{in.data, in.size, chunk.offset};
    header.shown_width = payload.u16();
    header.shown_height = payload.u16();
    if (const std::optional<Error> refusal = check_shown(header)) throw *refusal;
    if (header.shown_width == header.width && header.shown_height == header.height) {
        fail(ErrorCode::corrupt, "size chunk: expected a size beyond the coded one, came the same");
    }
}

}  // namespace

void read_former_chunks(Cursor& in, ParseOptions options, Stream& stream) {
    Chunks& chunks = stream.chunks;
    try {
        read_in_order(in, stream.header, options.first_layer, chunks);
    } catch (const Error& error) {
        const auto doubt = std::find_if(behind_layer_chunk(chunks), chunks.end(), is_damaged);
        if (!options.lenient && doubt != chunks.end()) throw_behind_damage(*doubt, error);
        if (!options.lenient || (error.code() == ErrorCode::trailing && doubt == chunks.end()))
            throw;
        if (doubt != chunks.end()) chunks.erase(doubt + 1, chunks.end());
    }
    for (const Chunk& chunk : chunks) {
        if (chunk.type == kChunkSize && !is_damaged(chunk)) read_shown(in, chunk, stream.header);
    }
}

}  // namespace tcs
