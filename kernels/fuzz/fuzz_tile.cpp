// Tile payloads under a good bundle: four bytes choose quality, grid and quality map.
#include "fuzz.hpp"
#include "tcs/tile.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const tcs::Bundle even = fuzz::golden_bundle("lanes_1");
    static const tcs::Bundle odd = fuzz::golden_bundle("odd_channels");
    if (size < 4) return 0;
    const tcs::Bundle& bundle = (data[0] & 0x80) != 0 ? odd : even;
    const tcs::TileGrid grid{data[1] % 33 + 1, data[2] % 33 + 1};
    std::vector<std::int8_t> roi;
    if ((data[0] & 0x40) != 0) roi.assign(grid.plane(), static_cast<std::int8_t>(data[3] - 128));
    const tcs::TileQuality quality{data[0] & 0x3F, roi.empty() ? nullptr : roi.data()};
    const fuzz::Bytes payload(data + 4, data + size);
    std::vector<std::int8_t> z_hat(static_cast<std::size_t>(bundle.hyper) * grid.z_plane());
    std::vector<std::int16_t> r(static_cast<std::size_t>(bundle.latent) * grid.plane());
    const bool read = fuzz::accepted([&] {
        tcs::decode_tile(bundle, grid, quality, payload.data(), payload.size(), z_hat.data(),
                         r.data());
    });
    const int lane_code = read ? payload[0] & 3 : 2;
    if (lane_code < 2) {  // 2, thirty-two lanes, is read only
        const tcs::TileOptions options{payload[0] >> 2, lane_code == 0 ? 1 : tcs::kWrittenLanes};
        fuzz::expect(
            tcs::encode_tile(bundle, grid, quality, z_hat.data(), r.data(), options) == payload,
            "a payload has one spelling");
    }
    return 0;
}
