#include "codec.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "error.hpp"
#include "target.hpp"

namespace example {
namespace {

// Most pixels of a decoded picture: a stream of some hundred bytes can declare 65535 x 65535.
constexpr long long kMostPixels = 1LL << 28;

// (L, C_z) gains -> (C_z, 1, 1) of one level.
Planes<float> per_channel(const float* gains, int level, int channels) {
    Planes<float> planes(channels, 1, 1);
    std::copy_n(gains + static_cast<std::ptrdiff_t>(level) * channels, channels,
                planes.values.data());
    return planes;
}

}  // namespace

Encoder::Encoder(Engine& engine, const Model& model, const Precision& precision)
    : model_(model), bundle_(load_bundle(model)), graph_(engine.load(model, precision, true)) {}

std::vector<Analysed> Encoder::analyse(const Picture& picture, const TileGrid& grid,
                                       int z_level) const {
    const tcs_bundle_info& info = bundle_.info();
    const Planes<float> gain = per_channel(info.z_gain, z_level, info.hyper);
    const Planes<float> inverse = per_channel(info.z_inverse_gain, z_level, info.hyper);
    std::vector<Analysed> tiles;
    for (int i = 0; i < grid.count(); ++i) {
        const Box window = grid.tile(i).grown(model_.halo, grid.picture());
        const Planes<float> x = analysis_window(picture, window);
        const auto outputs =
            graph_->run({{"x", &x}, {"z_gain", &gain}, {"z_inverse_gain", &inverse}});
        tiles.push_back(crop_analysis(outputs, grid.tile(i), window, model_));
    }
    return tiles;
}

Bytes Encoder::code(const std::vector<Analysed>& tiles, const TileGrid& grid, int quality,
                    bool adaptive, const Bytes& text) const {
    std::vector<CodedTile> coded;
    for (int i = 0; i < grid.count(); ++i) {
        const Analysed& tile = tiles[static_cast<std::size_t>(i)];
        const std::vector<std::int8_t> roi = adaptive ? tile.finer : std::vector<std::int8_t>{};
        const tcs_tile options = tile_options(grid.tile(i), quality, roi);
        coded.push_back(
            {bundle_.encode(options, tile.z_hat, tile.d),
             roi.empty() ? Bytes{} : encode_quality_map(roi, options.height, options.width)});
    }
    tcs_header header{};
    header.width = static_cast<std::uint32_t>(grid.width);
    header.height = static_cast<std::uint32_t>(grid.height);
    header.tile = static_cast<std::uint32_t>(grid.side);
    header.quality = static_cast<std::uint8_t>(quality);
    header.wire_id = static_cast<std::uint16_t>(model_.wire_id);
    header.bundle_hash = bundle_.info().short_hash;
    return join_stream(header, coded, text);
}

Bytes Encoder::encode(const Picture& picture, const EncodeOptions& options) const {
    const TileGrid grid{picture.width, picture.height, options.tile};
    std::map<int, std::vector<Analysed>> analysed;  // the graph runs once per z level
    const auto make = [&](int quality, bool adaptive) {
        const int level = bundle_.info().z_level_of_quality[quality];
        auto found = analysed.find(level);
        if (found == analysed.end()) {
            found = analysed.emplace(level, analyse(picture, grid, level)).first;
        }
        return code(found->second, grid, quality, adaptive, options.text);
    };
    if (!options.max_bytes) return make(options.quality, options.adaptive);
    const auto fitted = [&](bool adaptive) {
        return best_that_fits([&](int quality) { return make(quality, adaptive); },
                              *options.max_bytes, options.quality);
    };
    try {
        return fitted(options.adaptive);
    } catch (const TargetTooSmallError&) {
        if (!options.adaptive || !model_.adaptive) throw;
        return fitted(false);
    }
}

Decoder::Decoder(Engine& engine, const Model& model, const Precision& precision)
    : halo_(model.halo),
      bundle_(load_bundle(model)),
      graph_(engine.load(model, precision, false)) {}

Latents Decoder::unpack(const Stream& stream, int index) const {
    const tcs_bundle_info& info = bundle_.info();
    const Box box = stream.grid().tile(index);
    const CodedTile& coded = stream.tiles[static_cast<std::size_t>(index)];
    const Box z = box.on_grid(kZStride);
    const Box y = box.on_grid(kYStride);
    Latents latents{Planes<std::int8_t>(info.hyper, z.height, z.width),
                    Planes<std::int16_t>(info.latent, y.height, y.width),
                    {}};
    try {
        const std::vector<std::int8_t> roi = read_quality_map(coded, box);
        const tcs_tile options = tile_options(box, stream.header.quality, roi);
        bundle_.decode(options, coded.payload.data(), coded.payload.size(), latents.z_hat,
                       latents.r);
        latents.inverse_gain = bundle_.inverse_gain(options);
    } catch (const Error& error) {
        throw Error("tile " + std::to_string(index) + ": " + error.what());
    }
    return latents;
}

Picture Decoder::decode(const Stream& stream) const {
    const TileGrid grid = stream.grid();
    const long long pixels = static_cast<long long>(grid.width) * grid.height;
    if (pixels > kMostPixels) {
        throw Error("the picture has " + std::to_string(pixels) + " pixels, more than " +
                    std::to_string(kMostPixels));
    }
    std::vector<Latents> tiles;
    for (int i = 0; i < grid.count(); ++i)
        tiles.push_back(unpack(stream, i));
    const tcs_bundle_info& info = bundle_.info();
    const int level = info.z_level_of_quality[stream.header.quality];
    const Planes<float> inverse = per_channel(info.z_inverse_gain, level, info.hyper);
    Picture picture{grid.width, grid.height,
                    std::vector<std::uint8_t>(3 * static_cast<std::size_t>(pixels))};
    for (int i = 0; i < grid.count(); ++i) {
        const SynthesisInputs inputs = synthesis_window(i, grid, halo_, tiles);
        const auto outputs = graph_->run({{"z_hat", &inputs.z_hat},
                                          {"r", &inputs.r},
                                          {"inv_gain", &inputs.inverse_gain},
                                          {"z_inverse_gain", &inverse}});
        paste_synthesis(outputs, grid.tile(i), inputs.shown, picture);
    }
    return picture;
}

}  // namespace example
