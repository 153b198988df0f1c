// Entropy bundles: the input is a bundle without its check. One that opens is used.
#include "fuzz.hpp"
#include "tcs/tile.hpp"

namespace {

void use(const tcs::Bundle& bundle) {
    const tcs::TileGrid grid{3, 5};
    const std::size_t z_size = static_cast<std::size_t>(bundle.hyper) * grid.z_plane();
    const std::size_t r_size = static_cast<std::size_t>(bundle.latent) * grid.plane();
    std::vector<std::int8_t> z_hat(z_size);
    std::vector<std::int16_t> r(r_size);
    for (std::size_t i = 0; i < z_size; ++i)
        z_hat[i] = static_cast<std::int8_t>(i * 89 % 255 - 127);
    for (std::size_t i = 0; i < r_size; ++i)
        r[i] = static_cast<std::int16_t>(i * 40503 % 201 - 100);
    tcs::TileOptions options;
    options.skip = 0;
    const fuzz::Bytes payload =
        tcs::encode_tile(bundle, grid, {40, nullptr}, z_hat.data(), r.data(), options);
    std::vector<std::int8_t> z_back(z_size);
    std::vector<std::int16_t> r_back(r_size);
    tcs::decode_tile(bundle, grid, {40, nullptr}, payload.data(), payload.size(), z_back.data(),
                     r_back.data());
    fuzz::expect(z_back == z_hat && r_back == r, "any bundle that opens codes without loss");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::accepted([&] { tcs::parse_bundle(data, size); });
    fuzz::Bytes bundle(data, data + size);
    fuzz::append_u32(bundle, tcs::crc32c(data, size));
    fuzz::accepted([&] { use(tcs::parse_bundle(bundle.data(), bundle.size())); });
    return 0;
}
