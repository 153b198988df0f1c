#include "stream.hpp"

#include <cstdio>

#include "error.hpp"

namespace example {
namespace {

constexpr int kAncillary = 0x80;  // types from here on are not about tiles

Bytes payload_of(const Bytes& data, const tcs_chunk& chunk) {
    const auto start = data.begin() + static_cast<std::ptrdiff_t>(chunk.offset);
    return Bytes(start, start + static_cast<std::ptrdiff_t>(chunk.length));
}

std::string hex(unsigned value) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%04x", value);
    return text;
}

// The first four bytes of a bundle's SHA-256 in the order in which sha256sum prints them.
std::string bundle_name(std::uint32_t hash) {
    char text[16];
    std::snprintf(text, sizeof text, "%02x%02x%02x%02x", hash & 255, hash >> 8 & 255,
                  hash >> 16 & 255, hash >> 24);
    return text;
}

// As streams carry it, from the manifest's digest of the bundle. REQUIRES a listed bundle.
std::uint32_t short_hash(const Model& model) {
    const auto found = model.sha256.find(model.bundle);
    if (found == model.sha256.end()) {
        throw Error(model.folder + "/manifest.json: damaged manifest: expected the bundle " +
                    model.bundle + " among the names in sha256, got nothing");
    }
    std::uint32_t hash = 0;
    for (int i = 3; i >= 0; --i) {
        const std::string digits = found->second.substr(static_cast<std::size_t>(2 * i), 2);
        hash = hash << 8 | static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16));
    }
    return hash;
}

// A small stream has no hash, but one check of itself and of it; a bare one says nothing.
bool is_bundle_of(const tcs_header& header, std::uint32_t hash) {
    if (header.small != 0) return tcs_bundle_check(hash) == header.bundle_check;
    return header.bare != 0 || hash == header.bundle_hash;
}

}  // namespace

Stream split_stream(const Bytes& data) {
    const Parsed parsed = parse(data);
    Stream stream{parsed.header, {}, {}};
    CodedTile next;
    for (const tcs_chunk& chunk : parsed.chunks) {
        if (chunk.fault != TCS_FAULT_NONE) {
            const std::string what = chunk.type >= kAncillary
                                         ? "chunk " + hex(chunk.type)
                                         : "tile " + std::to_string(chunk.tile);
            throw Error(what + ": wrong checksum (payload at offset " +
                        std::to_string(chunk.offset) + ")");
        }
        if (chunk.type == TCS_CHUNK_TEXT || chunk.type == TCS_CHUNK_NEEDED_TEXT) {
            stream.text = payload_of(data, chunk);
        }
        if (chunk.type == TCS_CHUNK_QUALITY_MAP) next.quality_map = payload_of(data, chunk);
        if (chunk.type != TCS_CHUNK_TILE) continue;
        next.payload = payload_of(data, chunk);
        stream.tiles.push_back(std::move(next));
        next = CodedTile{};
    }
    const auto expected = static_cast<std::size_t>(stream.grid().count());
    if (stream.tiles.size() != expected) {
        throw Error("expected " + std::to_string(expected) + " tiles, got " +
                    std::to_string(stream.tiles.size()));
    }
    return stream;
}

Bytes join_stream(const tcs_header& header, const std::vector<CodedTile>& tiles,
                  const Bytes& text) {
    std::vector<tcs_chunk_data> chunks;
    if (!text.empty()) chunks.push_back({text.data(), text.size(), TCS_CHUNK_TEXT});
    for (const CodedTile& tile : tiles) {
        const Bytes& map = tile.quality_map;
        if (!map.empty()) chunks.push_back({map.data(), map.size(), TCS_CHUNK_QUALITY_MAP});
        chunks.push_back({tile.payload.data(), tile.payload.size(), TCS_CHUNK_TILE});
    }
    return write(header, chunks);
}

tcs_tile tile_options(const Box& tile, int quality, const std::vector<std::int8_t>& roi) {
    const Box y = tile.on_grid(kYStride);
    tcs_tile options = tcs_tile_default(y.height, y.width, quality);
    options.roi = roi.empty() ? nullptr : roi.data();
    return options;
}

std::vector<std::int8_t> read_quality_map(const CodedTile& coded, const Box& tile) {
    if (coded.quality_map.empty()) return {};
    const Box y = tile.on_grid(kYStride);
    return decode_quality_map(coded.quality_map.data(), coded.quality_map.size(), y.height,
                              y.width);
}

const Model& model_of_stream(const tcs_header& header, const std::vector<Model>& models) {
    std::string have;
    for (const Model& model : models) {
        const std::uint32_t hash = short_hash(model);
        if (model.wire_id == header.wire_id && is_bundle_of(header, hash)) return model;
        have += (have.empty() ? "" : ", ") + model.family + " (" +
                hex(static_cast<unsigned>(model.wire_id)) + ", bundle " + bundle_name(hash) + ")";
    }
    const bool named = header.bare == 0 && header.small == 0;
    const std::string bundle = named ? " with entropy bundle " + bundle_name(header.bundle_hash)
                               : header.small != 0
                                   ? " in the version that made it, if it is not damaged"
                                   : "";
    throw Error("the stream needs the model of wire id " + hex(header.wire_id) + bundle +
                "; here: " + have + "; give its folder with --model");
}

Bundle load_bundle(const Model& model) {
    Bundle bundle(model.read_checked(model.bundle));
    const tcs_bundle_info& info = bundle.info();
    if (info.wire_id != model.wire_id || info.latent != model.latent || info.hyper != model.hyper) {
        throw Error(model.folder + "/manifest.json: expected wire_id, latent and hyper as in " +
                    model.bundle + ", got others; install the model again");
    }
    return bundle;
}

}  // namespace example
