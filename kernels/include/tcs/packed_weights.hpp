// Packed weights: integers of 2 to 8 bits per output channel, many tensors in one file.
// The bytes are specified in docs/reference/packed-weights.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tcs {

/// One tensor of a file: what its entry says, and where its bytes lie. Points into the file's
/// bytes.
struct PackedTensor {
    std::string name;
    std::vector<std::size_t> shape;  // output channels first
    std::size_t count = 0;           // weights, the product of the sides
    std::vector<std::uint8_t> bits;  // 2..8 per output channel, or one number for all of them
    const std::uint8_t* payload = nullptr;
    std::size_t size = 0;  // of the payload, count <= 64 * size
};

/// Reads the entries of a file, in order of names. Any bytes are safe; memory is bounded by a small
/// multiple of `size`. Throws Error(newer_version) for a later version of the format, else
/// Error(weights) with the tensor's and field's name, what was expected and what came.
std::vector<PackedTensor> parse_packed_weights(const std::uint8_t* data, std::size_t size);

/// The tensors of these names, in the order of the names.
/// REQUIRES: tensors as parse_packed_weights returns them.
/// Throws Error(weights) if one is not there or named twice.
std::vector<PackedTensor> choose_tensors(const std::vector<PackedTensor>& tensors,
                                         const std::vector<std::string>& names);

/// Fills weights[0..tensor.count) in row-major order.
/// Throws Error(weights) when the payload breaks the format; `weights` is then unspecified.
void unpack_weights(const PackedTensor& tensor, std::int8_t* weights);

}  // namespace tcs
