// A stream's first layer taken apart into tiles, and tiles put together to a stream.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "files.hpp"
#include "grid.hpp"
#include "kernel.hpp"
#include "model.hpp"

namespace example {

// The coded bytes of one tile.
struct CodedTile {
    Bytes payload;
    Bytes quality_map;  // empty: none
};

struct Stream {
    tcs_header header{};
    std::vector<CodedTile> tiles;  // in raster order, as many as the grid has
    Bytes text;                    // payload of its text chunk; empty: none

    TileGrid grid() const {
        return {static_cast<int>(header.width), static_cast<int>(header.height),
                static_cast<int>(header.tile)};
    }
};

// Throws Error where the stream is damaged anywhere in its first layer.
Stream split_stream(const Bytes& data);

// `text` is the payload of a text chunk, empty for none.
Bytes join_stream(const tcs_header& header, const std::vector<CodedTile>& tiles, const Bytes& text);

// The y grid of a tile at a quality. `roi` outlives the result: (height, width) offsets or empty.
tcs_tile tile_options(const Box& tile, int quality, const std::vector<std::int8_t>& roi);

// A tile's quality offsets, empty where it has none.
std::vector<std::int8_t> read_quality_map(const CodedTile& coded, const Box& tile);

// The model that a stream names, among those at hand. Throws Error that says what is needed.
const Model& model_of_stream(const tcs_header& header, const std::vector<Model>& models);

// The bundle of a model folder, checked against its manifest.
Bundle load_bundle(const Model& model);

}  // namespace example
