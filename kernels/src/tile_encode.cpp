#include <string>

#include "hyper_rows.hpp"
#include "ops.hpp"
#include "quantise.hpp"
#include "rans_coder.hpp"
#include "symbols.hpp"
#include "tcs/status.hpp"
#include "tcs/tile.hpp"
#include "tile_parts.hpp"

namespace tcs {
namespace {

// Coded symbols from which eight lanes are used. Eight cost 22 bytes more than one (measured), that
// is 0.3 to 0.7 % of the 3 to 8 kB that this many symbols take, and decode 2.5 times as fast (116
// and 298 Msymbol/s on a Zen 4 core, so 0.3 ms saved).
constexpr std::size_t kEightLanes = 65536;

/// r's segment; its rows are the selection's.
struct ResidualSegment {
    std::unique_ptr<std::uint8_t[]> entries;
    std::vector<Bypass> bypass;
};

ResidualSegment split_residual(const Bundle& bundle, const Selection& selection,
                               const std::int16_t* values) {
    ResidualSegment segment{buffer<std::uint8_t>(selection.coded), {}};
    split_symbols(values, selection.rows.get(), selection.coded, bundle.r_shift.data(),
                  segment.entries.get(), segment.bypass);
    return segment;
}

/// z_hat's segment, position by position, and the row of each entry.
struct HyperSegment {
    std::vector<std::uint8_t> rows, entries;
    std::vector<Bypass> bypass;
};

HyperSegment split_hyper(const Bundle& bundle, TileGrid grid, std::size_t level,
                         const std::int8_t* z_hat) {
    const std::size_t channels = static_cast<std::size_t>(bundle.hyper);
    const std::size_t positions = grid.z_plane();
    const std::int8_t* centre = bundle.z_centre.data() + level * channels;
    HyperSegment segment;
    segment.rows.resize(positions * channels);
    segment.entries.resize(positions * channels);
    std::vector<std::int16_t> values(channels);
    HyperRows walk(bundle, grid);
    for (std::size_t p = 0; p < positions; ++p) {
        for (std::size_t c = 0; c < channels; ++c) {
            const std::int8_t z = z_hat[c * positions + p];
            if (z == -128)
                throw Error(ErrorCode::argument,
                            "z_hat: expected -127..127, got -128 in channel " + std::to_string(c));
            values[c] = static_cast<std::int16_t>(z - centre[c]);
        }
        std::uint8_t* const rows = segment.rows.data() + p * channels;
        std::uint8_t* const entries = segment.entries.data() + p * channels;
        walk.next(rows);
        split_symbols(values.data(), rows, channels, kNoShift, entries, segment.bypass);
        walk.advance(entries);
    }
    return segment;
}

struct Choice {
    int skip;
    int lanes;  // 0: by the number of symbols
};

Choice check_options(const Bundle& bundle, const TileOptions& options) {
    if (options.skip < -1 || options.skip >= kScales)
        throw Error(ErrorCode::argument, "skip: expected 0..63, or -1 for the bundle's, got " +
                                             std::to_string(options.skip));
    if (options.lanes != 0) check_written_lanes(options.lanes);
    return {options.skip < 0 ? bundle.skip : options.skip, options.lanes};
}

/// `values_of(selection, out)` writes r of the coded elements in coding order.
template <class ValuesOf>
std::vector<std::uint8_t> encode(const Bundle& bundle, TileGrid grid, TileQuality quality,
                                 const std::int8_t* z_hat, const TileOptions& options,
                                 ValuesOf values_of) {
    check_tile(grid, quality);
    const Choice choice = check_options(bundle, options);
    const std::size_t level = bundle.z_level_of_quality[static_cast<std::size_t>(quality.quality)];
    const HyperSegment z = split_hyper(bundle, grid, level, z_hat);

    const Selection selection = select_elements(bundle, grid, quality, z_hat, choice.skip);
    const auto values = buffer<std::int16_t>(selection.coded + 8);
    values_of(selection, values.get());
    const ResidualSegment r = split_residual(bundle, selection, values.get());

    const std::size_t symbols = z.rows.size() + selection.coded;
    const int lanes = choice.lanes != 0 ? choice.lanes : symbols < kEightLanes ? 1 : kWrittenLanes;
    Encoder encoder(lanes, symbols + z.bypass.size() + r.bypass.size());
    encoder.bypass(r.bypass);
    encoder.entries(bundle.r_rows[0], selection.rows.get(), r.entries.get(), selection.coded);
    encoder.bypass(z.bypass);
    const std::size_t channels = static_cast<std::size_t>(bundle.hyper);
    for (std::size_t n = z.rows.size(); n != 0; n -= channels)
        encoder.entries(bundle.z_rows[level], z.rows.data() + n - channels,
                        z.entries.data() + n - channels, channels);
    const int lane_code = lanes == 1 ? 0 : 1;
    return encoder.finish({static_cast<std::uint8_t>(lane_code | choice.skip << 2)});
}

}  // namespace

std::vector<std::uint8_t> encode_tile(const Bundle& bundle, TileGrid grid, TileQuality quality,
                                      const std::int8_t* z_hat, const float* d,
                                      const TileOptions& options) {
    return encode(bundle, grid, quality, z_hat, options,
                  [&](const Selection& selection, std::int16_t* out) {
                      quantise(bundle, grid, quality, d, selection, out);
                  });
}

std::vector<std::uint8_t> encode_tile(const Bundle& bundle, TileGrid grid, TileQuality quality,
                                      const std::int8_t* z_hat, const std::int16_t* r,
                                      const TileOptions& options) {
    return encode(bundle, grid, quality, z_hat, options,
                  [&](const Selection& selection, std::int16_t* out) {
                      const std::uint64_t* mask = selection.mask.get();
                      for (int c = 0; c < bundle.latent; ++c) {
                          out += ops().pack(r, mask, grid.plane(), out);
                          r += grid.plane();
                          mask += selection.words;
                      }
                  });
}

}  // namespace tcs
