// Whole pictures: container, tiles and one run of a net over all of them.
#include "tcs/picture.hpp"

#include <algorithm>
#include <string>

#include "picture_parts.hpp"
#include "tcs/container.hpp"
#include "tcs/crc16.hpp"
#include "tcs/quality_map.hpp"
#include "tcs/status.hpp"
#include "tcs/tile.hpp"

namespace tcs {
namespace {

void require_bundle(const Bundle& bundle, const Header& header) {
    const bool same = header.small ? header.bundle_check == bundle_check(bundle.short_hash())
                                   : header.bundle_hash == bundle.short_hash();
    if (header.wire_id != bundle.wire_id || !(same || header.bare))
        throw Error(ErrorCode::bundle_mismatch,
                    "stream: expected one of the bundle at hand (wire id " +
                        std::to_string(bundle.wire_id) + "), got one of wire id " +
                        std::to_string(header.wire_id) + " or of another bundle");
}

/// What the tiles of a stream say, on the grids of the whole picture.
struct Latents {
    Planes<std::int8_t> z_hat;
    Planes<std::int16_t> r;
    Planes<float> inverse_gain;
};

void decode_into(Latents& all, const Bundle& bundle, const Tile& tile, TileQuality quality,
                 const std::uint8_t* payload, std::size_t size) {
    const TileGrid grid = tile.grid();
    Planes<std::int8_t> z(bundle.hyper, (grid.height + 3) / 4, (grid.width + 3) / 4);
    Planes<std::int16_t> r(bundle.latent, grid.height, grid.width);
    decode_tile(bundle, grid, quality, payload, size, z.data.data(), r.data.data());
    paste(all.z_hat, z, tile.y / kNetUnit, tile.x / kNetUnit);
    paste(all.r, r, tile.y / kYStride, tile.x / kYStride);
    if (quality.roi == nullptr) return;
    Planes<float> gains(bundle.latent, grid.height, grid.width);
    inverse_gain(bundle, grid, quality, gains.data.data());
    paste(all.inverse_gain, gains, tile.y / kYStride, tile.x / kYStride);
}

void decode_tiles(Latents& all, const Bundle& bundle, const Stream& stream,
                  const std::uint8_t* data) {
    std::vector<std::int8_t> map;
    std::uint32_t next = 0;
    for (const Chunk& chunk : stream.chunks) {
        if (chunk.type != kChunkTile && chunk.type != kChunkQualityMap) continue;
        if (chunk.fault != ChunkFault::none)
            throw Error(ErrorCode::corrupt,
                        "tile " + std::to_string(chunk.tile) + ": its checksum does not fit");
        const Header& header = stream.header;
        const Tile tile = tile_of(static_cast<int>(header.width), static_cast<int>(header.height),
                                  static_cast<int>(header.tile), static_cast<int>(chunk.tile));
        const TileGrid grid = tile.grid();
        if (chunk.type == kChunkQualityMap) {
            map.resize(grid.plane());
            decode_quality_map(data + chunk.offset, chunk.length,
                               static_cast<std::size_t>(grid.height),
                               static_cast<std::size_t>(grid.width), map.data());
            continue;
        }
        decode_into(all, bundle, tile, {header.quality, map.empty() ? nullptr : map.data()},
                    data + chunk.offset, chunk.length);
        map.clear();
        ++next;
    }
    if (next != tile_count(stream.header))
        throw Error(ErrorCode::corrupt, "stream: expected " +
                                            std::to_string(tile_count(stream.header)) +
                                            " tiles, got " + std::to_string(next));
}

/// Inverse gains everywhere as without a map; tiles that have one write over theirs.
void fill_gains(Planes<float>& gains, const Bundle& bundle, int quality) {
    std::vector<float> one(static_cast<std::size_t>(bundle.latent));
    inverse_gain(bundle, {1, 1}, {quality, nullptr}, one.data());
    const std::size_t plane =
        static_cast<std::size_t>(gains.height) * static_cast<std::size_t>(gains.width);
    for (std::size_t c = 0; c < one.size(); ++c)
        std::fill_n(gains.data.begin() + static_cast<std::ptrdiff_t>(c * plane), plane, one[c]);
}

std::vector<std::uint8_t> cropped(const std::vector<std::uint8_t>& shown, int wide, int width,
                                  int height) {
    const std::size_t line = static_cast<std::size_t>(width) * 3;
    std::vector<std::uint8_t> made(line * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y)
        std::copy_n(shown.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(wide) * 3,
                    line, made.data() + static_cast<std::size_t>(y) * line);
    return made;
}

}  // namespace

Picture decode_picture(const Bundle& bundle, const Net& synthesis, const std::uint8_t* data,
                       std::size_t size, NetWorkspace& workspace) {
    require_model(bundle, synthesis);
    const Stream stream = parse(data, size, {false, true});
    const Header& header = stream.header;
    require_bundle(bundle, header);
    require_pixels(header.width, header.height);
    const int width = static_cast<int>(header.width), height = static_cast<int>(header.height);
    const int wide = rounded_up(width, kNetUnit), high = rounded_up(height, kNetUnit);
    Latents all{{bundle.hyper, high / kNetUnit, wide / kNetUnit},
                {bundle.latent, high / kYStride, wide / kYStride},
                {bundle.latent, high / kYStride, wide / kYStride}};
    fill_gains(all.inverse_gain, bundle, header.quality);
    decode_tiles(all, bundle, stream, data);
    std::vector<std::uint8_t> shown(static_cast<std::size_t>(wide) *
                                    static_cast<std::size_t>(high) * 3);
    SynthesisCall call;
    call.z_hat = all.z_hat.data.data();
    call.r = all.r.data.data();
    call.inverse_gain = all.inverse_gain.data.data();
    call.mapped = true;
    call.z_inverse_gain = z_gains(bundle.z_inverse_gain, bundle, header.quality);
    call.pixels = shown.data();
    call.shown = {high, wide};
    synthesise(synthesis, workspace, {high, wide}, call);
    return {width, height, static_cast<int>(header.shown_width),
            static_cast<int>(header.shown_height), cropped(shown, wide, width, height)};
}

}  // namespace tcs
