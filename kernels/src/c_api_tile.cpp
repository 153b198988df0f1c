// Bundle and tiles of the C interface.
#include <algorithm>
#include <memory>

#include "c_api.hpp"
#include "tcs/tile.hpp"

using namespace tcs::c_api;

namespace {

struct TileArguments {
    tcs::TileGrid grid;
    tcs::TileQuality quality;
    tcs::TileOptions options;
};

void require_grid(int32_t height, int32_t width) {
    if (height >= 1 && height <= tcs::kMaxGrid && width >= 1 && width <= tcs::kMaxGrid) return;
    throw tcs::Error(tcs::ErrorCode::argument, "y grid: expected 1 to 1020 a side, came " +
                                                   std::to_string(height) + " x " +
                                                   std::to_string(width));
}

TileArguments unpack(const tcs_bundle* bundle, const tcs_tile* tile) {
    require(bundle, "bundle");
    require(tile, "tile");
    require_grid(tile->height, tile->width);
    TileArguments made;
    made.grid = {tile->height, tile->width};
    made.quality = {tile->quality, tile->roi};
    made.options = {tile->skip, tile->lanes};
    return made;
}

template <typename Residual>
tcs_status encode(const tcs_bundle* bundle, const tcs_tile* tile, const int8_t* z_hat,
                  const Residual* residual, uint8_t** payload, size_t* size) noexcept {
    return guard([&] {
        const TileArguments made = unpack(bundle, tile);
        require(z_hat, "z_hat");
        require(residual, "d or r");
        require(payload, "payload");
        require(size, "size");
        const std::vector<std::uint8_t> bytes = tcs::encode_tile(
            bundle->bundle, made.grid, made.quality, z_hat, residual, made.options);
        *payload = hand_out(bytes);
        *size = bytes.size();
    });
}

}  // namespace

tcs_status tcs_bundle_open(const uint8_t* data, size_t size, tcs_bundle** bundle) {
    return guard([&] {
        require_bytes(data, size, "data");
        require(bundle, "bundle");
        auto opened = std::make_unique<tcs_bundle>();
        opened->bundle = tcs::parse_bundle(data, size);
        *bundle = opened.release();
    });
}

void tcs_bundle_close(tcs_bundle* bundle) {
    delete bundle;
}

tcs_status tcs_bundle_describe(const tcs_bundle* bundle, tcs_bundle_info* info) {
    return guard([&] {
        require(bundle, "bundle");
        require(info, "info");
        const tcs::Bundle& from = bundle->bundle;
        info->wire_id = from.wire_id;
        info->short_hash = from.short_hash();
        std::copy(from.hash.begin(), from.hash.end(), info->hash);
        std::copy(from.digest.begin(), from.digest.end(), info->digest);
        info->latent = from.latent;
        info->hyper = from.hyper;
        info->z_levels = from.z_levels;
        info->precision = from.precision;
        info->skip = from.skip;
        info->steps = from.steps.data();
        info->z_level_of_quality = from.z_level_of_quality.data();
        info->gain_of_step = from.gain_of_step.data();
        info->inverse_of_step = from.inverse_of_step.data();
        info->z_gain = from.z_gain.data();
        info->z_inverse_gain = from.z_inverse_gain.data();
    });
}

tcs_status tcs_scale_indexes(const tcs_bundle* bundle, const int8_t* z_hat, int32_t level,
                             int32_t height, int32_t width, int16_t* indexes) {
    return guard([&] {
        require(bundle, "bundle");
        require(z_hat, "z_hat");
        require(indexes, "indexes");
        require_grid(height, width);
        if (level < 0 || level >= bundle->bundle.z_levels) {
            throw tcs::Error(tcs::ErrorCode::argument,
                             "level: expected 0 to " + std::to_string(bundle->bundle.z_levels - 1) +
                                 ", came " + std::to_string(level));
        }
        bundle->bundle.scale_network.run(z_hat, level, height, width, indexes);
    });
}

tcs_tile tcs_tile_default(int32_t height, int32_t width, int32_t quality) {
    return {height, width, quality, nullptr, -1, 0};
}

tcs_status tcs_encode_tile_d(const tcs_bundle* bundle, const tcs_tile* tile, const int8_t* z_hat,
                             const float* d, uint8_t** payload, size_t* size) {
    return encode(bundle, tile, z_hat, d, payload, size);
}

tcs_status tcs_encode_tile_r(const tcs_bundle* bundle, const tcs_tile* tile, const int8_t* z_hat,
                             const int16_t* r, uint8_t** payload, size_t* size) {
    return encode(bundle, tile, z_hat, r, payload, size);
}

tcs_status tcs_decode_tile(const tcs_bundle* bundle, const tcs_tile* tile, const uint8_t* payload,
                           size_t size, int8_t* z_hat, int16_t* r) {
    return guard([&] {
        const TileArguments made = unpack(bundle, tile);
        require_bytes(payload, size, "payload");
        require(z_hat, "z_hat");
        require(r, "r");
        tcs::decode_tile(bundle->bundle, made.grid, made.quality, payload, size, z_hat, r);
    });
}

tcs_status tcs_inverse_gain(const tcs_bundle* bundle, const tcs_tile* tile, float* gains) {
    return guard([&] {
        const TileArguments made = unpack(bundle, tile);
        require(gains, "gains");
        tcs::inverse_gain(bundle->bundle, made.grid, made.quality, gains);
    });
}
