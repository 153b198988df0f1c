// What a stream says of itself, as JSON: header, layers, chunks and text.
#include <cstdlib>
#include <cstring>
#include <memory>

#include "exports.hpp"
#include "text_model.hpp"

using namespace tcs::web;

namespace {

struct Free {
    void operator()(void* memory) const { tcs_free(memory); }
};

struct Parsed {
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
    tcs_header header{};
    std::unique_ptr<tcs_chunk, Free> chunks;
    std::size_t count = 0;
};

bool is_text(const tcs_chunk& chunk) {
    return chunk.type == TCS_CHUNK_TEXT || chunk.type == TCS_CHUNK_NEEDED_TEXT;
}

void write_layer(Json& json, std::uint8_t quality, std::uint16_t wire_id, std::uint32_t hash,
                 double bytes) {
    json.open('{').key("quality").number(quality).key("wireId").number(wire_id);
    json.key("bundleHash").number(hash).key("bytes").number(bytes).close('}');
}

// Bytes of the tiles and quality maps of a layer.
double bytes_of(const Parsed& stream, bool base) {
    double bytes = 0;
    for (std::size_t n = 0; n < stream.count; ++n) {
        const tcs_chunk& chunk = stream.chunks.get()[n];
        const bool counts = chunk.type == TCS_CHUNK_TILE || chunk.type == TCS_CHUNK_QUALITY_MAP;
        if (counts && (chunk.base != 0) == base) bytes += static_cast<double>(chunk.length);
    }
    return bytes;
}

tcs_status write_layers(Json& json, const Parsed& stream) {
    const tcs_header& header = stream.header;
    json.key("layers").open('[');
    write_layer(json, header.quality, header.wire_id, header.bundle_hash, bytes_of(stream, false));
    for (std::size_t n = 0; n < stream.count; ++n) {
        const tcs_chunk& chunk = stream.chunks.get()[n];
        if (chunk.type != TCS_CHUNK_LAYER || chunk.fault != TCS_FAULT_NONE) continue;
        tcs_layer layer{};
        const tcs_status status = tcs_read_layer(stream.data + chunk.offset, chunk.length, &layer);
        if (status != TCS_OK) return status;
        write_layer(json, layer.quality, layer.wire_id, layer.bundle_hash, bytes_of(stream, true));
    }
    json.close(']');
    return TCS_OK;
}

void write_chunks(Json& json, const Parsed& stream) {
    json.key("chunks").open('[');
    for (std::size_t n = 0; n < stream.count; ++n) {
        const tcs_chunk& chunk = stream.chunks.get()[n];
        json.open('{').key("type").number(chunk.type).key("offset");
        json.number(static_cast<double>(chunk.offset)).key("bytes");
        json.number(static_cast<double>(chunk.length)).key("tile").number(chunk.tile);
        json.key("base").truth(chunk.base != 0).key("fault").number(chunk.fault).close('}');
    }
    json.close(']');
}

// Corners in pixels of the picture as shown.
tcs_status write_place(Json& json, const tcs_header& header, const tcs_text_line& line) {
    json.key("polygon");
    if (line.placed == 0) {
        json.nothing();
        return TCS_OK;
    }
    double corners[8];
    const tcs_status status = tcs_corners_of(&line.place, corners);
    if (status != TCS_OK) return status;
    const double factors[2] = {static_cast<double>(header.shown_width) / header.width,
                               static_cast<double>(header.shown_height) / header.height};
    json.open('[');
    for (int n = 0; n < 8; n += 2) {
        json.open('[').number(corners[n] * factors[0]).number(corners[n + 1] * factors[1]);
        json.close(']');
    }
    json.close(']');
    return TCS_OK;
}

tcs_status write_lines(Json& json, const Parsed& stream, const tcs_chunk& chunk) {
    std::uint8_t verified = 0;
    tcs_text_line* lines = nullptr;
    std::size_t count = 0;
    tcs_status status =
        tcs_decode_text(stream.data + chunk.offset, chunk.length, &verified, &lines, &count);
    const std::unique_ptr<tcs_text_line, Free> owner(lines);
    if (status != TCS_OK) return status;
    json.open('{').key("verified").truth(verified != 0).key("lines").open('[');
    for (std::size_t n = 0; n < count; ++n) {
        const tcs_text_line& line = lines[n];
        json.open('{').key("state").number(line.state).key("sureness").number(line.confidence);
        json.key("text");
        line.string == nullptr ? json.nothing() : json.string(line.string, line.length);
        status = write_place(json, stream.header, line);
        if (status != TCS_OK) return status;
        json.close('}');
    }
    json.close(']').close('}');
    return TCS_OK;
}

tcs_status write_text(Json& json, const Parsed& stream) {
    json.key("text");
    for (std::size_t n = 0; n < stream.count; ++n) {
        const tcs_chunk& chunk = stream.chunks.get()[n];
        if (!is_text(chunk) || chunk.fault != TCS_FAULT_NONE) continue;
        if (has_text_model()) return write_lines(json, stream, chunk);
        json.truth(true);  // there is some, which takes tcs_web_text_model() first
        return TCS_OK;
    }
    json.nothing();
    return TCS_OK;
}

void write_header(Json& json, const Parsed& stream) {
    const tcs_header& header = stream.header;
    json.key("width").number(header.shown_width).key("height").number(header.shown_height);
    json.key("codedWidth").number(header.width).key("codedHeight").number(header.height);
    json.key("bytes").number(static_cast<double>(stream.size));
    json.key("quality").number(header.quality).key("wireId").number(header.wire_id);
    json.key("bundleHash").number(header.bundle_hash);
    json.key("bundleCheck").number(header.bundle_check).key("tileSize").number(header.tile);
    json.key("small").truth(header.small != 0).key("bare").truth(header.bare != 0);
    json.key("layered").truth(header.layered != 0);
    json.key("version").open('[').number(header.version_major);
    json.number(header.version_minor).close(']');
}

}  // namespace

// Describes a stream strictly: what a chunk's check finds is a fault of that chunk. Its text is
// `true` while the text model is missing.
TCS_WEB tcs_status tcs_web_inspect(const std::uint8_t* data, std::size_t size) {
    Parsed stream;
    stream.data = data;
    stream.size = size;
    tcs_chunk* chunks = nullptr;
    tcs_status status = tcs_parse(data, size, 0, &stream.header, &chunks, &stream.count);
    stream.chunks.reset(chunks);
    if (status != TCS_OK) return failed(status);
    Json json;
    json.open('{');
    write_header(json, stream);
    write_chunks(json, stream);
    status = write_layers(json, stream);
    if (status == TCS_OK) status = write_text(json, stream);
    if (status != TCS_OK) return failed(status);
    json.close('}');
    return done(json.text().data(), json.text().size());
}

// What a small stream says of a bundle whose hash begins so.
TCS_WEB std::uint32_t tcs_web_bundle_check(std::uint32_t short_hash) {
    return tcs_bundle_check(short_hash);
}

TCS_WEB tcs_status tcs_web_version() {
    const char* const version = tcs_version();
    return done(version, std::strlen(version));
}
