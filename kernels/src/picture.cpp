// Streams to whole pictures: a run of the net down the picture, tiles decoded as it comes to them.
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

void require_tiles(const Stream& stream) {
    std::uint32_t tiles = 0;
    for (const Chunk& chunk : stream.chunks) {
        if (chunk.type != kChunkTile && chunk.type != kChunkQualityMap) continue;
        if (chunk.fault != ChunkFault::none)
            throw Error(ErrorCode::corrupt,
                        "tile " + std::to_string(chunk.tile) + ": its checksum does not fit");
        if (chunk.type == kChunkTile) ++tiles;
    }
    if (tiles != tile_count(stream.header))
        throw Error(ErrorCode::corrupt, "stream: expected " +
                                            std::to_string(tile_count(stream.header)) +
                                            " tiles, got " + std::to_string(tiles));
}

bool is_mapped(const Stream& stream) {
    return std::any_of(stream.chunks.begin(), stream.chunks.end(),
                       [](const Chunk& chunk) { return chunk.type == kChunkQualityMap; });
}

/// What the tiles of a stream say, of as many rows of them as the net looks at for one.
class LatentRows {
public:
    LatentRows(const Bundle& bundle, const Stream& stream, const std::uint8_t* data, int ahead)
        : bundle_(bundle),
          stream_(stream),
          data_(data),
          width_(static_cast<int>(stream.header.width)),
          height_(static_cast<int>(stream.header.height)),
          side_(static_cast<int>(stream.header.tile)),
          units_(
              std::min(rounded_up(height_, kNetUnit), side_ + rounded_up(ahead * kNetUnit, side_)) /
              kNetUnit),
          mapped_(is_mapped(stream)),
          z_hat_(bundle.hyper, units_, rounded_up(width_, kNetUnit) / kNetUnit),
          r_(bundle.latent, 4 * units_, 4 * z_hat_.width),
          inverse_gain_(bundle.latent, mapped_ ? r_.height : 1, mapped_ ? r_.width : 1) {
        plain_gains_.resize(static_cast<std::size_t>(bundle.latent));
        inverse_gain(bundle, {1, 1}, {stream.header.quality, nullptr}, plain_gains_.data());
        if (!mapped_) inverse_gain_.data = plain_gains_;
    }

    /// Lets go of what lies above row `y` of pixels, where tiles begin, and decodes what follows.
    void move_to(int y) {
        slide(z_hat_, (y - y_) / kNetUnit);
        slide(r_, (y - y_) / kYStride);
        if (mapped_) slide(inverse_gain_, (y - y_) / kYStride);
        y_ = y;
        const int end = std::min(height_, y + units_ * kNetUnit);
        for (; next_ != stream_.chunks.size(); ++next_) {
            const Chunk& chunk = stream_.chunks[next_];
            if (chunk.type != kChunkTile && chunk.type != kChunkQualityMap) continue;
            const Tile tile = tile_of(width_, height_, side_, static_cast<int>(chunk.tile));
            if (tile.y >= end) break;
            chunk.type == kChunkTile ? take(chunk, tile) : take_map(chunk, tile);
        }
    }

    SynthesisCall call() const {
        SynthesisCall made;
        made.units = units_;
        made.z_hat = z_hat_.data.data();
        made.r = r_.data.data();
        made.inverse_gain = inverse_gain_.data.data();
        made.mapped = mapped_;
        made.z_inverse_gain = z_gains(bundle_.z_inverse_gain, bundle_, stream_.header.quality);
        return made;
    }

private:
    void take_map(const Chunk& chunk, const Tile& tile) {
        const TileGrid grid = tile.grid();
        map_.resize(grid.plane());
        decode_quality_map(data_ + chunk.offset, chunk.length,
                           static_cast<std::size_t>(grid.height),
                           static_cast<std::size_t>(grid.width), map_.data());
    }

    void take(const Chunk& chunk, const Tile& tile) {
        const TileGrid grid = tile.grid();
        const TileQuality quality{stream_.header.quality, map_.empty() ? nullptr : map_.data()};
        Planes<std::int8_t> z(bundle_.hyper, (grid.height + 3) / 4, (grid.width + 3) / 4);
        Planes<std::int16_t> r(bundle_.latent, grid.height, grid.width);
        decode_tile(bundle_, grid, quality, data_ + chunk.offset, chunk.length, z.data.data(),
                    r.data.data());
        paste(z_hat_, z, (tile.y - y_) / kNetUnit, tile.x / kNetUnit);
        paste(r_, r, (tile.y - y_) / kYStride, tile.x / kYStride);
        if (mapped_) {
            Planes<float> gains(bundle_.latent, grid.height, grid.width);
            if (quality.roi == nullptr)
                fill_channels(gains, plain_gains_);
            else
                inverse_gain(bundle_, grid, quality, gains.data.data());
            paste(inverse_gain_, gains, (tile.y - y_) / kYStride, tile.x / kYStride);
        }
        map_.clear();
    }

    const Bundle& bundle_;
    const Stream& stream_;
    const std::uint8_t* const data_;
    const int width_, height_, side_, units_;
    const bool mapped_;
    Planes<std::int8_t> z_hat_;
    Planes<std::int16_t> r_;
    Planes<float> inverse_gain_;
    std::vector<float> plain_gains_;
    std::vector<std::int8_t> map_;  // of the next tile
    int y_ = 0;
    std::size_t next_ = 0;  // chunk
};

}  // namespace

Picture decode_picture(const Bundle& bundle, const Net& synthesis, const std::uint8_t* data,
                       std::size_t size, NetWorkspace& workspace, const PixelRoom& room) {
    require_model(bundle, synthesis);
    const Stream stream = parse(data, size, {false, true});
    const Header& header = stream.header;
    require_bundle(bundle, header);
    require_pixels(header.width, header.height);
    const int width = static_cast<int>(header.width), height = static_cast<int>(header.height);
    require_tiles(stream);
    const std::size_t line = static_cast<std::size_t>(width) * 3;
    std::uint8_t* const pixels = room(line * static_cast<std::size_t>(height));
    NetRun run(synthesis, workspace, {rounded_up(height, kNetUnit), rounded_up(width, kNetUnit)});
    LatentRows latents(bundle, stream, data, synthesis.input_ahead);
    while (run.done() < run.all()) {
        const int y = run.done() * kNetUnit;
        latents.move_to(y);
        SynthesisCall call = latents.call();
        call.pixels = pixels + line * static_cast<std::size_t>(y);
        call.shown = {height, width};
        run.synthesise(std::min(static_cast<int>(header.tile) / kNetUnit, run.all() - run.done()),
                       call);
    }
    return {width,
            height,
            static_cast<int>(header.shown_width),
            static_cast<int>(header.shown_height),
            {}};
}

Picture decode_picture(const Bundle& bundle, const Net& synthesis, const std::uint8_t* data,
                       std::size_t size, NetWorkspace& workspace) {
    std::vector<std::uint8_t> pixels;
    Picture made = decode_picture(bundle, synthesis, data, size, workspace, [&](std::size_t bytes) {
        pixels.resize(bytes);
        return pixels.data();
    });
    made.pixels = std::move(pixels);
    return made;
}

}  // namespace tcs
