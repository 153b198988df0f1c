// Layer chunks (0x04): which model made the base layer that follows, and how to blend with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcs {

constexpr std::size_t kLayerBytes = 8;

struct Layer {
    std::uint8_t quality = 0;       // 0..63
    std::uint8_t threshold = 0;     // of the text layer's activity, docs/use/layers.md
    std::uint16_t wire_id = 0;      // of the base layer's model
    std::uint32_t bundle_hash = 0;  // first four bytes of its bundle's SHA-256, little endian
};

/// Makes the payload of a layer chunk, kLayerBytes long. Throws Error(argument) for a quality
/// above 63.
std::vector<std::uint8_t> write_layer(const Layer& layer);

/// Reads the payload of a layer chunk. Throws Error: truncated, trailing (another size), corrupt
/// (a quality above 63).
Layer read_layer(const std::uint8_t* data, std::size_t size);

}  // namespace tcs
