// Container and quality maps of the C interface.
#include <algorithm>

#include "c_api.hpp"
#include "tcs/container.hpp"
#include "tcs/layer.hpp"
#include "tcs/quality_map.hpp"

using namespace tcs::c_api;

namespace {

static_assert(static_cast<int>(tcs::ChunkFault::mapless) == TCS_FAULT_MAPLESS);

tcs_header to_c(const tcs::Header& from) {
    tcs_header header{};
    header.width = from.width;
    header.height = from.height;
    header.shown_width = from.shown_width;
    header.shown_height = from.shown_height;
    header.bundle_hash = from.bundle_hash;
    header.tile = from.tile;
    header.wire_id = from.wire_id;
    header.quality = from.quality;
    header.bare = from.bare ? 1 : 0;
    header.layered = from.layered ? 1 : 0;
    header.small = from.small ? 1 : 0;
    header.bundle_check = from.bundle_check;
    header.version_major = from.version >> 4;
    header.version_minor = from.version & 15;
    return header;
}

tcs::Header from_c(const tcs_header& from) {
    tcs::Header header;
    header.width = from.width;
    header.height = from.height;
    header.shown_width = from.shown_width;
    header.shown_height = from.shown_height;
    header.bundle_hash = from.bundle_hash;
    header.tile = from.tile;
    header.wire_id = from.wire_id;
    header.quality = from.quality;
    header.bare = from.bare != 0;
    header.layered = from.layered != 0;
    header.small = from.small != 0;
    header.bundle_check = from.bundle_check;
    return header;
}

tcs_chunk to_c_chunk(const tcs::Chunk& from) {
    return {from.offset,
            from.length,
            from.tile,
            from.type,
            static_cast<std::uint8_t>(from.fault),
            static_cast<std::uint8_t>(from.base ? 1 : 0)};
}

std::size_t map_side(int32_t side, const char* name) {
    if (side >= 1) return static_cast<std::size_t>(side);
    throw tcs::Error(tcs::ErrorCode::argument,
                     std::string(name) + ": expected 1 to 1020, came " + std::to_string(side));
}

}  // namespace

tcs_status tcs_parse(const uint8_t* data, size_t size, uint32_t options, tcs_header* header,
                     tcs_chunk** chunks, size_t* count) {
    return guard([&] {
        require_bytes(data, size, "data");
        require(header, "header");
        require(chunks, "chunks");
        require(count, "count");
        const tcs::ParseOptions how{(options & TCS_PARSE_LENIENT) != 0,
                                    (options & TCS_PARSE_FIRST_LAYER) != 0};
        const tcs::Stream stream = tcs::parse(data, size, how);
        std::vector<tcs_chunk> found(stream.chunks.size());
        std::transform(stream.chunks.begin(), stream.chunks.end(), found.begin(), to_c_chunk);
        *chunks = hand_out(found);
        *count = found.size();
        *header = to_c(stream.header);
    });
}

tcs_status tcs_write(const tcs_header* header, const tcs_chunk_data* chunks, size_t count,
                     uint8_t** stream, size_t* size) {
    return guard([&] {
        require(header, "header");
        require_bytes(chunks, count, "chunks");
        require(stream, "stream");
        require(size, "size");
        std::vector<tcs::ChunkData> items(count);
        for (std::size_t i = 0; i < count; ++i) {
            require_bytes(chunks[i].data, chunks[i].size, "data of a chunk");
            items[i] = {chunks[i].type, chunks[i].data, chunks[i].size};
        }
        const std::vector<std::uint8_t> bytes = tcs::write(from_c(*header), items);
        *stream = hand_out(bytes);
        *size = bytes.size();
    });
}

tcs_status tcs_write_layer(const tcs_layer* layer, uint8_t payload[TCS_LAYER_BYTES]) {
    return guard([&] {
        require(layer, "layer");
        require(payload, "payload");
        const std::vector<std::uint8_t> bytes = tcs::write_layer(
            {layer->quality, layer->threshold, layer->wire_id, layer->bundle_hash});
        std::copy(bytes.begin(), bytes.end(), payload);
    });
}

tcs_status tcs_read_layer(const uint8_t* payload, size_t size, tcs_layer* layer) {
    return guard([&] {
        require_bytes(payload, size, "payload");
        require(layer, "layer");
        const tcs::Layer read = tcs::read_layer(payload, size);
        *layer = {read.bundle_hash, read.wire_id, read.quality, read.threshold};
    });
}

tcs_status tcs_encode_quality_map(const int8_t* roi, int32_t height, int32_t width, uint8_t** data,
                                  size_t* size) {
    return guard([&] {
        require(roi, "roi");
        require(data, "data");
        require(size, "size");
        const std::vector<std::uint8_t> bytes =
            tcs::encode_quality_map(roi, map_side(height, "height"), map_side(width, "width"));
        *data = hand_out(bytes);
        *size = bytes.size();
    });
}

tcs_status tcs_decode_quality_map(const uint8_t* data, size_t size, int32_t height, int32_t width,
                                  int8_t* roi) {
    return guard([&] {
        require_bytes(data, size, "data");
        require(roi, "roi");
        tcs::decode_quality_map(data, size, map_side(height, "height"), map_side(width, "width"),
                                roi);
    });
}
