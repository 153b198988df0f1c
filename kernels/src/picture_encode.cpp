// Whole pictures to streams: the analysis, kept per level of z or row by row, tiles, container.
#include <cmath>
#include <string>

#include "picture_parts.hpp"
#include "tcs/container.hpp"
#include "tcs/crc16.hpp"
#include "tcs/picture.hpp"
#include "tcs/quality_map.hpp"

namespace tcs {
namespace {

// What a net asks for is rounded to few values, as tcsdk/codec/quality_map.py does.
constexpr float kWholeSteps = 4.0f, kMostSteps = 20.0f;
constexpr int kOffsetPlanes = 2;  // probability of text, and by how much finer

bool is_side(int value) {
    return value >= 1 && value <= static_cast<int>(kMaxSide);
}

void require_quality(int quality) {
    if (quality < 0 || quality >= kQualities)
        throw Error(ErrorCode::argument, "quality: expected 0..63, got " + std::to_string(quality));
}

void require_sides(PictureSize size) {
    if (is_side(size.width) && is_side(size.height)) return;
    throw Error(ErrorCode::argument, "expected sides of 1..65535, got " +
                                         std::to_string(size.width) + " x " +
                                         std::to_string(size.height));
}

/// Steps by which the blocks of a tile are coded finer, or nothing where no block is.
std::vector<std::int8_t> offsets_of(Planes<float>& text, const Tile& tile, int row) {
    const TileGrid grid = tile.grid();
    std::vector<std::int8_t> steps;
    bool any = false;
    for (int y = 0; y < grid.height; ++y) {
        const float* asked = text.row(kOffsetPlanes - 1, row + y, tile.x / kYStride);
        for (int x = 0; x < grid.width; ++x) {
            const float step = std::nearbyint(asked[x] / kWholeSteps) * kWholeSteps;
            steps.push_back(static_cast<std::int8_t>(std::min(std::max(step, 0.0f), kMostSteps)));
            any = any || steps.back() != 0;
        }
    }
    if (!any) steps.clear();
    return steps;
}

}  // namespace

/// What the analysis says at one level of z: z_hat of the whole picture, the rest from a row on.
struct PictureEncoder::Analysis {
    Planes<std::int8_t> z_hat;
    Planes<float> d;
    Planes<float> text;
    int y = 0;  // the row, in pixels

    Analysis(const Net& net, NetSize padded, int units)
        : z_hat(net.hyper, padded.height / kNetUnit, padded.width / kNetUnit),
          d(net.latent, 4 * units, padded.width / kYStride),
          text(std::max(1, net.text_planes), 4 * units, padded.width / kYStride) {}
};

PictureEncoder::PictureEncoder(const Bundle& bundle, const Net& analysis,
                               const std::uint8_t* pixels, PictureSize coded,
                               const EncodeOptions& options)
    : bundle_(bundle), net_(analysis), pixels_(pixels), size_(coded), options_(options) {
    require_model(bundle, analysis);
    require_sides(coded);
    require_pixels(coded.width, coded.height);
}

PictureEncoder::~PictureEncoder() = default;

NetSize PictureEncoder::padded() const {
    return {rounded_up(size_.height, kNetUnit), rounded_up(size_.width, kNetUnit)};
}

AnalysisCall PictureEncoder::call_of(Analysis& said, int quality) const {
    AnalysisCall call;
    call.pixels = {pixels_, size_.height, size_.width};
    call.z_gain = z_gains(bundle_.z_gain, bundle_, quality);
    call.z_inverse_gain = z_gains(bundle_.z_inverse_gain, bundle_, quality);
    call.z_hat = said.z_hat.data.data();
    call.d = said.d.data.data();
    call.text = said.text.data.data();
    return call;
}

PictureEncoder::Analysis& PictureEncoder::analysed(int quality, NetWorkspace& workspace) {
    const int level = bundle_.z_level_of_quality[static_cast<std::size_t>(quality)];
    std::unique_ptr<Analysis>& kept = analyses_[level];
    if (kept) return *kept;
    auto made = std::make_unique<Analysis>(net_, padded(), padded().height / kNetUnit);
    analyse(net_, workspace, padded(), call_of(*made, quality));
    kept = std::move(made);
    return *kept;
}

std::vector<float> PictureEncoder::text_planes(int quality, NetWorkspace& workspace) {
    require_quality(quality);
    if (net_.text_planes < kOffsetPlanes) return {};
    Planes<float>& all = analysed(quality, workspace).text;
    Planes<float> own(kOffsetPlanes, (size_.height + kYStride - 1) / kYStride,
                      (size_.width + kYStride - 1) / kYStride);
    cut(all, own, 0, 0);
    return own.data;
}

void PictureEncoder::add_tile(Payloads& to, Analysis& said, const Tile& tile, int quality,
                              bool adaptive) const {
    const TileGrid grid = tile.grid();
    Planes<std::int8_t> z(bundle_.hyper, (grid.height + 3) / 4, (grid.width + 3) / 4);
    Planes<float> part(bundle_.latent, grid.height, grid.width);
    cut(said.z_hat, z, tile.y / kNetUnit, tile.x / kNetUnit);
    cut(said.d, part, (tile.y - said.y) / kYStride, tile.x / kYStride);
    std::vector<std::int8_t> steps;
    if (adaptive && net_.text_planes >= kOffsetPlanes)
        steps = offsets_of(said.text, tile, (tile.y - said.y) / kYStride);
    if (!steps.empty())
        to.push_back({kChunkQualityMap,
                      encode_quality_map(steps.data(), static_cast<std::size_t>(grid.height),
                                         static_cast<std::size_t>(grid.width))});
    const TileQuality finer{quality, steps.empty() ? nullptr : steps.data()};
    to.push_back({kChunkTile, encode_tile(bundle_, grid, finer, z.data.data(), part.data.data())});
}

/// All tiles whose first row of pixels is y.
void PictureEncoder::add_row(Payloads& to, Analysis& said, int y, int quality,
                             bool adaptive) const {
    const int side = static_cast<int>(Header{}.tile);
    const int across = (size_.width + side - 1) / side;
    for (int i = 0; i < across; ++i)
        add_tile(to, said, tile_of(size_.width, size_.height, side, y / side * across + i), quality,
                 adaptive);
}

std::vector<std::uint8_t> PictureEncoder::written(int quality, const Payloads& payloads) const {
    Header header;
    header.width = static_cast<std::uint32_t>(size_.width);
    header.height = static_cast<std::uint32_t>(size_.height);
    header.shown_width = static_cast<std::uint32_t>(options_.shown.width);
    header.shown_height = static_cast<std::uint32_t>(options_.shown.height);
    header.quality = static_cast<std::uint8_t>(quality);
    header.wire_id = bundle_.wire_id;
    header.small = options_.small;
    if (options_.small)
        header.bundle_check = bundle_check(bundle_.short_hash());
    else
        header.bundle_hash = bundle_.short_hash();
    std::vector<ChunkData> chunks;
    for (const auto& [type, data] : payloads)
        chunks.push_back({type, data.data(), data.size()});
    return write(header, chunks);
}

std::vector<std::uint8_t> PictureEncoder::stream(int quality, bool adaptive,
                                                 NetWorkspace& workspace) {
    require_quality(quality);
    Analysis& said = analysed(quality, workspace);
    Payloads payloads;
    for (int y = 0; y < size_.height; y += static_cast<int>(Header{}.tile))
        add_row(payloads, said, y, quality, adaptive);
    return written(quality, payloads);
}

std::vector<std::uint8_t> PictureEncoder::only_stream(int quality, bool adaptive,
                                                      NetWorkspace& workspace) {
    require_quality(quality);
    const int side = static_cast<int>(Header{}.tile);
    NetRun run(net_, workspace, padded());
    Analysis said(net_, padded(), std::min(run.all(), side / kNetUnit));
    Payloads payloads;
    for (; run.done() < run.all(); said.y += side) {
        const int units = std::min(side / kNetUnit, run.all() - run.done());
        said.d.height = said.text.height = 4 * units;  // the last rows of tiles may be lower
        run.analyse(units, call_of(said, quality));
        add_row(payloads, said, said.y, quality, adaptive);
    }
    return written(quality, payloads);
}

std::vector<std::uint8_t> encode_picture(const Bundle& bundle, const Net& analysis,
                                         const std::uint8_t* pixels, int width, int height,
                                         int quality, NetWorkspace& workspace) {
    require_quality(quality);
    return PictureEncoder(bundle, analysis, pixels, {width, height}, {})
        .only_stream(quality, false, workspace);
}

}  // namespace tcs
