// The graphs' inputs and outputs for one tile: cut out with their surroundings, and cropped.
#pragma once

#include <vector>

#include "grid.hpp"
#include "model.hpp"
#include "planes.hpp"
#include "pnm.hpp"

namespace example {

// What the analysis graph says of a tile.
struct Analysed {
    Planes<std::int8_t> z_hat;  // (C_z, ceil(h / 64), ceil(w / 64))
    Planes<float> d;            // (M, ceil(h / 16), ceil(w / 16)), y minus its means
    // (ceil(h / 16), ceil(w / 16)), steps by which the model asks for blocks to be coded finer;
    // empty where it asks for none.
    std::vector<std::int8_t> finer;
};

// What the kernel decoded of a tile.
struct Latents {
    Planes<std::int8_t> z_hat;
    Planes<std::int16_t> r;
    Planes<float> inverse_gain;  // (M, 1, 1), or (M, h, w) with a quality map
};

// The inputs of the synthesis graph.
struct SynthesisInputs {
    Planes<float> z_hat;
    Planes<float> r;
    Planes<float> inverse_gain;
    Box shown;  // the part of the picture that they make, to multiples of 64
};

// (3, h, w) in 0..1, padded at the right and at the bottom to multiples of 64 by repeating the last
// column and row. REQUIRES the window to lie within the picture.
Planes<float> analysis_window(const Picture& picture, const Box& window);

// A tile's own part of the analysis graph's outputs; `adaptive` ones have steps. Throws Error where
// they are of other shapes, not finite, or not the whole numbers that they have to be.
Analysed crop_analysis(const std::vector<Planes<float>>& outputs, const Box& tile,
                       const Box& window, const Model& model);

// A tile's latents and those around it, `halo` pixels far; r is 0 beyond the picture.
SynthesisInputs synthesis_window(int index, const TileGrid& grid, int halo,
                                 const std::vector<Latents>& tiles);

// Rounds a tile's part of the synthesis graph's output to 8 bits, into the picture.
void paste_synthesis(const std::vector<Planes<float>>& outputs, const Box& tile, const Box& shown,
                     Picture& picture);

}  // namespace example
