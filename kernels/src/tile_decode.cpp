#include <string>

#include "hyper_rows.hpp"
#include "ops.hpp"
#include "rans_coder.hpp"
#include "symbols.hpp"
#include "tcs/status.hpp"
#include "tcs/tile.hpp"
#include "tile_parts.hpp"

namespace tcs {
namespace {

struct PayloadHeader {
    int lanes;
    int skip;
};

PayloadHeader parse_header(const std::uint8_t* payload, std::size_t size) {
    constexpr int lanes_of_code[4] = {1, 8, 32, 0};
    if (size == 0)
        throw Error(ErrorCode::corrupt, "tile payload: expected at least 3 bytes, got none");
    const PayloadHeader header{lanes_of_code[payload[0] & 3], payload[0] >> 2};
    if (header.lanes == 0)
        throw Error(ErrorCode::corrupt, "tile payload: expected lane code 0..2, got 3 (reserved)");
    return header;
}

void decode_hyper(const Bundle& bundle, TileGrid grid, std::size_t level, Decoder& decoder,
                  std::int8_t* z_hat) {
    const std::size_t channels = static_cast<std::size_t>(bundle.hyper);
    const std::size_t positions = grid.z_plane();
    const std::size_t count = positions * channels;
    const std::int8_t* centre = bundle.z_centre.data() + level * channels;
    std::vector<std::uint8_t> rows(count);
    std::vector<std::uint8_t> entries(count);
    std::vector<std::int16_t> values(count);
    HyperRows walk(bundle, grid);
    for (std::size_t n = 0; n < count; n += channels) {
        walk.next(rows.data() + n);
        decoder.entries(bundle.z_rows[level], rows.data() + n, channels, entries.data() + n);
        walk.advance(entries.data() + n);
    }
    join_symbols(decoder, entries.data(), rows.data(), count, kNoShift, values.data());
    decoder.check();  // before the scale network and everything of the size of r
    const std::int16_t* value = values.data();
    for (std::size_t p = 0; p < positions; ++p) {
        for (std::size_t c = 0; c < channels; ++c) {
            const int z = *value++ + centre[c];
            if (z < -127 || z > 127)
                throw Error(ErrorCode::corrupt,
                            "entropy-coded data is damaged: z_hat is expected in "
                            "-127..127, got " +
                                std::to_string(z));
            z_hat[c * positions + p] = static_cast<std::int8_t>(z);
        }
    }
}

}  // namespace

void decode_tile(const Bundle& bundle, TileGrid grid, TileQuality quality,
                 const std::uint8_t* payload, std::size_t size, std::int8_t* z_hat,
                 std::int16_t* r) {
    check_tile(grid, quality);
    const PayloadHeader header = parse_header(payload, size);
    const std::size_t level = bundle.z_level_of_quality[static_cast<std::size_t>(quality.quality)];
    Decoder decoder(payload + 1, size - 1, header.lanes);
    decode_hyper(bundle, grid, level, decoder, z_hat);

    const Selection selection = select_elements(bundle, grid, quality, z_hat, header.skip);
    const auto entries = buffer<std::uint8_t>(selection.coded);
    const auto values = buffer<std::int16_t>(selection.coded + 8);
    decoder.entries(bundle.r_rows[0], selection.rows.get(), selection.coded, entries.get());
    join_symbols(decoder, entries.get(), selection.rows.get(), selection.coded,
                 bundle.r_shift.data(), values.get());
    decoder.finish();

    const std::int16_t* packed = values.get();
    for (std::size_t c = 0; c < static_cast<std::size_t>(bundle.latent); ++c)
        packed += ops().unpack(packed, selection.mask.get() + c * selection.words, grid.plane(),
                               r + c * grid.plane());
}

}  // namespace tcs
