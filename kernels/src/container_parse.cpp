#include <algorithm>

#include "container_read.hpp"
#include "container_small.hpp"
#include "tcs/container.hpp"

namespace tcs {
namespace {

// The tiles of a bare stream; there are no checks, so all that can be missing is its end.
void read_bare(Cursor& in, bool lenient, Stream& stream) {
    try {
        read_bare_tiles(in, tile_count(stream.header), stream.chunks);
    } catch (const Error& error) {
        if (!lenient || error.code() == ErrorCode::trailing) throw;
    }
}

bool behind_first_layer(const Chunk& chunk) {
    return chunk.base || chunk.type == kChunkLayer;
}

}  // namespace

Stream parse(const std::uint8_t* data, std::size_t size, ParseOptions options) {
    Cursor in{data, size};
    if (size > 0 && (data[0] & kSmallMarkMask) == kSmallMark) {
        Stream small;
        read_small(in, options.lenient, small);
        return small;
    }
    Stream stream;
    Header& header = stream.header;
    std::vector<Chunk>& chunks = stream.chunks;
    const bool bare = size > 0 && data[0] == kBareMark;
    header = bare ? read_bare_header(in) : read_full_header(in);
    if (bare) {
        read_bare(in, options.lenient, stream);
    } else if (!has_bound_chunks(header)) {
        read_former_chunks(in, options, stream);
    } else if (options.lenient) {
        conceal_bound_chunks(in, header, options.first_layer, chunks);
    } else {
        read_bound_chunks(in, header, options.first_layer, chunks);
    }
    if (options.first_layer) {
        chunks.erase(std::remove_if(chunks.begin(), chunks.end(), behind_first_layer),
                     chunks.end());
    }
    return stream;
}

}  // namespace tcs
