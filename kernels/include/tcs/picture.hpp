// Whole pictures: bytes <-> pixels, by a bundle and packed nets alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tcs/bundle.hpp"
#include "tcs/net.hpp"

namespace tcs {

/// A picture as it is coded; shown_width and shown_height say how large it wants to be shown.
struct Picture {
    int width = 0;
    int height = 0;
    int shown_width = 0;
    int shown_height = 0;
    std::vector<std::uint8_t> pixels;  // (height, width, 3) RGB
};

/// Decodes a stream of one model, all tiles in one run of the net; of a layered stream the first
/// layer. Throws Error as parse() does; corrupt for a damaged or missing tile, bundle_mismatch for
/// a stream of another bundle, limit above 2^26 pixels, argument for a net of another model.
Picture decode_picture(const Bundle& bundle, const Net& synthesis, const std::uint8_t* data,
                       std::size_t size, NetWorkspace& workspace);

/// Codes pixels (height, width, 3) at a quality 0..63, in tiles of 512, without a quality map.
/// Throws Error(argument) for a size or quality out of range and for a net of another model.
std::vector<std::uint8_t> encode_picture(const Bundle& bundle, const Net& analysis,
                                         const std::uint8_t* pixels, int width, int height,
                                         int quality, NetWorkspace& workspace);

}  // namespace tcs
