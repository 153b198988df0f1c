// The entropy bundle `entropy.tcsb`: every table that the exact part of a model needs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tcs/rans.hpp"
#include "tcs/scale_network.hpp"

namespace tcs {

constexpr int kQualities = 64;
constexpr int kScales = 64;  // rows of r
constexpr int kSteps = 256;  // steps -128..127 of the gain tables

/// A parsed bundle. Immutable once made: share one between threads.
struct Bundle {
    std::uint16_t wire_id = 0;
    std::array<std::uint8_t, 32> hash{};    // SHA-256 of the whole file
    std::array<std::uint8_t, 32> digest{};  // of the canonical checkpoint, as written in the file
    int latent = 0;                         // M, channels of r
    int hyper = 0;                          // C_z, channels of z_hat
    int z_levels = 0;
    int precision = 0;
    int skip = 0;        // default skip index, 0..63
    int z_contexts = 0;  // rows of each channel of z_hat, odd

    std::array<std::uint8_t, kQualities> z_level_of_quality{};
    std::vector<std::int8_t> steps;  // (64, M)
    std::array<float, kSteps> gain_of_step{};
    std::array<float, kSteps> inverse_of_step{};
    std::vector<float> z_gain;          // (L, C_z)
    std::vector<float> z_inverse_gain;  // (L, C_z)

    std::vector<std::int8_t> z_centre;  // (L, C_z), -127..127
    std::vector<RowTable> z_rows;       // L tables of (z_contexts, C_z) rows
    std::vector<RowTable> r_rows;       // one table of 64 rows
    std::array<std::uint8_t, kScales> r_shift{};

    ScaleNetwork scale_network;

    /// First four bytes of the hash as a little-endian integer: what a stream carries.
    std::uint32_t short_hash() const noexcept;
};

/// Parses the bytes of an `entropy.tcsb`. Any bytes are safe; memory is bounded by a small multiple
/// of `size`. Throws Error(newer_version) for a later version of the format, else Error(bundle)
/// with the field's name, what was expected and what came.
Bundle parse_bundle(const std::uint8_t* data, std::size_t size);

}  // namespace tcs
