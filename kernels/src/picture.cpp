// Whole pictures: container, tiles and one run of a net over all of them.
#include "tcs/picture.hpp"

#include <algorithm>
#include <string>

#include "tcs/container.hpp"
#include "tcs/crc16.hpp"
#include "tcs/quality_map.hpp"
#include "tcs/status.hpp"
#include "tcs/tile.hpp"

namespace tcs {
namespace {

constexpr std::int64_t kMaxPixels = std::int64_t{1} << 26;
constexpr int kYStride = 16;

int rounded_up(int value, int unit) {
    return (value + unit - 1) / unit * unit;
}

void require_model(const Bundle& bundle, const Net& net) {
    if (net.latent != bundle.latent || net.hyper != bundle.hyper)
        throw Error(ErrorCode::argument,
                    "net: expected one of " + std::to_string(bundle.latent) + " and " +
                        std::to_string(bundle.hyper) + " channels as the bundle's, got " +
                        std::to_string(net.latent) + " and " + std::to_string(net.hyper));
}

void require_pixels(std::int64_t width, std::int64_t height) {
    if (width * height > kMaxPixels)
        throw Error(ErrorCode::limit, "picture: expected at most 2^26 pixels, got " +
                                          std::to_string(width) + " x " + std::to_string(height));
}

void require_bundle(const Bundle& bundle, const Header& header) {
    const bool same = header.small ? header.bundle_check == bundle_check(bundle.short_hash())
                                   : header.bundle_hash == bundle.short_hash();
    if (header.wire_id != bundle.wire_id || !(same || header.bare))
        throw Error(ErrorCode::bundle_mismatch,
                    "stream: expected one of the bundle at hand (wire id " +
                        std::to_string(bundle.wire_id) + "), got one of wire id " +
                        std::to_string(header.wire_id) + " or of another bundle");
}

/// Dense planes (channels, height, width).
template <typename T>
struct Planes {
    int channels, height, width;
    std::vector<T> data;

    Planes(int c, int h, int w)
        : channels(c),
          height(h),
          width(w),
          data(static_cast<std::size_t>(c) * static_cast<std::size_t>(h) *
               static_cast<std::size_t>(w)) {}

    T* row(int c, int y, int x) {
        return data.data() +
               (static_cast<std::size_t>(c) * static_cast<std::size_t>(height) +
                static_cast<std::size_t>(y)) *
                   static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x);
    }
};

/// Copies planes whole into larger ones, with their corner at (y, x).
template <typename T>
void paste(Planes<T>& into, Planes<T>& part, int y, int x) {
    for (int c = 0; c < part.channels; ++c)
        for (int i = 0; i < part.height; ++i)
            std::copy_n(part.row(c, i, 0), part.width, into.row(c, y + i, x));
}

/// The inverse of paste.
template <typename T>
void cut(Planes<T>& from, Planes<T>& part, int y, int x) {
    for (int c = 0; c < part.channels; ++c)
        for (int i = 0; i < part.height; ++i)
            std::copy_n(from.row(c, y + i, x), part.width, part.row(c, i, 0));
}

/// Where a tile lies, in pixels.
struct Tile {
    int x, y, width, height;
    TileGrid grid() const {
        return {(height + kYStride - 1) / kYStride, (width + kYStride - 1) / kYStride};
    }
};

Tile tile_of(int width, int height, int side, int number) {
    const int across = (width + side - 1) / side;
    const int x = number % across * side, y = number / across * side;
    return {x, y, std::min(side, width - x), std::min(side, height - y)};
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

const float* z_gains(const std::vector<float>& gains, const Bundle& bundle, int quality) {
    return gains.data() +
           std::size_t{bundle.z_level_of_quality[static_cast<std::size_t>(quality)]} *
               static_cast<std::size_t>(bundle.hyper);
}

/// Pixels with the last column and row repeated to multiples of 64.
std::vector<std::uint8_t> padded(const std::uint8_t* pixels, int width, int height) {
    const int wide = rounded_up(width, kNetUnit), high = rounded_up(height, kNetUnit);
    std::vector<std::uint8_t> made(static_cast<std::size_t>(wide) * static_cast<std::size_t>(high) *
                                   3);
    std::uint8_t* to = made.data();
    for (int y = 0; y < high; ++y) {
        const std::size_t row =
            static_cast<std::size_t>(std::min(y, height - 1)) * static_cast<std::size_t>(width);
        for (int x = 0; x < wide; ++x, to += 3)
            std::copy_n(pixels + 3 * (row + static_cast<std::size_t>(std::min(x, width - 1))), 3,
                        to);
    }
    return made;
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

void require_encodable(int width, int height, int quality) {
    const auto side = [](int value) { return value >= 1 && value <= static_cast<int>(kMaxSide); };
    if (!side(width) || !side(height) || quality < 0 || quality >= kQualities)
        throw Error(ErrorCode::argument, "expected sides of 1..65535 and a quality of 0..63, got " +
                                             std::to_string(width) + " x " +
                                             std::to_string(height) + " at " +
                                             std::to_string(quality));
    require_pixels(width, height);
}

/// A plain stream of what the analysis of the whole picture says.
std::vector<std::uint8_t> written(const Bundle& bundle, const Header& header,
                                  Planes<std::int8_t>& z_hat, Planes<float>& d) {
    std::vector<std::vector<std::uint8_t>> payloads;
    for (std::uint32_t i = 0; i < tile_count(header); ++i) {
        const Tile tile = tile_of(static_cast<int>(header.width), static_cast<int>(header.height),
                                  static_cast<int>(header.tile), static_cast<int>(i));
        const TileGrid grid = tile.grid();
        Planes<std::int8_t> z(bundle.hyper, (grid.height + 3) / 4, (grid.width + 3) / 4);
        Planes<float> part(bundle.latent, grid.height, grid.width);
        cut(z_hat, z, tile.y / kNetUnit, tile.x / kNetUnit);
        cut(d, part, tile.y / kYStride, tile.x / kYStride);
        payloads.push_back(
            encode_tile(bundle, grid, {header.quality, nullptr}, z.data.data(), part.data.data()));
    }
    std::vector<ChunkData> chunks;
    for (const std::vector<std::uint8_t>& payload : payloads)
        chunks.push_back({kChunkTile, payload.data(), payload.size()});
    return write(header, chunks);
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
    synthesise(synthesis, workspace, {high, wide}, call);
    return {width, height, static_cast<int>(header.shown_width),
            static_cast<int>(header.shown_height), cropped(shown, wide, width, height)};
}

std::vector<std::uint8_t> encode_picture(const Bundle& bundle, const Net& analysis,
                                         const std::uint8_t* pixels, int width, int height,
                                         int quality, NetWorkspace& workspace) {
    require_model(bundle, analysis);
    require_encodable(width, height, quality);
    const int wide = rounded_up(width, kNetUnit), high = rounded_up(height, kNetUnit);
    const std::vector<std::uint8_t> whole = padded(pixels, width, height);
    Planes<std::int8_t> z_hat(bundle.hyper, high / kNetUnit, wide / kNetUnit);
    Planes<float> d(bundle.latent, high / kYStride, wide / kYStride);
    Planes<float> text(std::max(1, analysis.text_planes), d.height, d.width);
    AnalysisCall call;
    call.pixels = whole.data();
    call.z_gain = z_gains(bundle.z_gain, bundle, quality);
    call.z_inverse_gain = z_gains(bundle.z_inverse_gain, bundle, quality);
    call.z_hat = z_hat.data.data();
    call.d = d.data.data();
    call.text = text.data.data();
    analyse(analysis, workspace, {high, wide}, call);
    Header header;
    header.width = static_cast<std::uint32_t>(width);
    header.height = static_cast<std::uint32_t>(height);
    header.quality = static_cast<std::uint8_t>(quality);
    header.wire_id = bundle.wire_id;
    header.bundle_hash = bundle.short_hash();
    return written(bundle, header, z_hat, d);
}

}  // namespace tcs
