// The hot loops as a table of functions, one table per instruction set.
//
// Files *_avx2.cpp and *_neon.cpp are compiled with flags that not every processor runs. They see
// only plain structs and `static` functions: an inline function with external linkage compiled
// there could be the copy that the linker keeps for everybody.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcs {

struct Row;

/// The lanes of a decoder between two segments.
struct DecoderLanes {
    std::uint32_t state[32];
    int count;                 // 1, 8 or 32
    const std::uint8_t* next;  // next word, next <= end
    const std::uint8_t* end;
};

/// One segment of entries to decode. REQUIRES rows[n] < number of rows in `table`.
struct DecodeJob {
    const Row* table;  // one zero row past the last
    int precision;
    const std::uint8_t* rows;
    std::size_t count;
    std::uint8_t* entries;
};

/// One layer for vector code. Activations are pairs of channels, int16 each, low half first, in one
/// int32: [pair][y][x], zero outside the picture; rows can be read 8 elements past `width`.
struct PackedLayerView {
    const std::int16_t* weight;  // PackedLayer
    const std::int32_t* bias;
    const std::uint32_t* mult;
    const std::int32_t* limit;
    int pairs;   // of input channels
    int cout;    // real output channels; weights are padded to a multiple of 8
    int kernel;  // 1 or 3
    int factor;  // 1 or 2
    int shift;
    const std::int32_t* input;  // pair 0, y = x = -(kernel / 2)
    std::size_t in_stride;
    std::size_t in_plane;
    int height;  // outputs to compute, before depth-to-space
    int width;
    std::int32_t*
        output;  // not the last layer: pair 0, y = x = 0; written in multiples of 8 * factor
    std::size_t out_stride;
    std::size_t out_plane;
    std::int16_t* index;  // the last layer, else null: (cout, height, width)
};

/// Which elements of a channel are coded, and under which row.
/// total = clamp(index + (steps ? steps[i] : step), 0, 63); coded iff total >= skip.
struct SelectJob {
    const std::int16_t* index;
    const std::int16_t* steps;  // or null
    int step;                   // -128..127
    int skip;                   // 0..63
    std::size_t count;
    std::uint64_t* mask;  // ceil(count / 64) words, bit i % 64 of word i / 64: element i is coded
    std::uint8_t* rows;   // totals of the coded elements, packed; 16 bytes of room past `count`
};

// ---- Integer nets ------------------------------------------------------------------------------
// Weights, biases and multipliers lie as net_order.cpp puts them, filled up with zeros; sums have
// room for as many. REQUIRES of every job that no sum of magnitudes leaves int32: terms are added
// in any order.

constexpr std::size_t kDotBlock = 16;      // outputs whose weights lie together
constexpr std::size_t kDotPositions = 12;  // most positions of a DotsJob
constexpr std::size_t kNetPad = 32;        // outputs and channels are filled up to multiples of it

/// sums[p][n] = bias[n] + the dot product of row p and the weights of output n.
struct DotsJob {
    const void* rows;    // (positions, groups * elements of a group)
    std::size_t stride;  // elements from row to row
    std::size_t positions;
    std::size_t groups;
    std::size_t blocks;         // of outputs
    const std::int8_t* weight;  // [block][group][kDotBlock][element of the group]
    const std::int32_t* bias;   // (outputs,)
    std::int32_t* sums;         // (positions, outputs), `sums_stride` from row to row
    std::size_t sums_stride;
};

/// sums[c] = bias[c] + rows[t][c] * weight of c at t over all taps t.
struct TapsJob {
    const void* const* rows;  // (taps,), each of `channels` elements
    std::size_t taps;         // a multiple of the table's tap_group
    std::size_t channels;     // a multiple of kNetPad
    const std::int8_t* weight;
    const std::int32_t* bias;
    std::int32_t* sums;
};

/// out[p][c] = clamp(((sums[p][c] * mult[c] + half) >> shift) + zero + with[p][c], low, high): an
/// arithmetic shift of int64. REQUIRES shift 1..32, zero, low and high within -32767..32767, and
/// that what is clamped fits int32.
struct FinishJob {
    const std::int32_t* sums;
    std::size_t sums_stride;
    std::size_t positions;
    std::size_t count;  // of each position in `with` and in what is written: no more is
    const std::int32_t* mult;
    int shift;
    std::int32_t zero;
    std::int32_t low;
    std::int32_t high;
    const std::int16_t* with;  // (positions, count) or null; can be read kNetPad elements past it
};

struct Ops {
    const char* name;

    /// Decodes one segment; entry n on lane n mod count.
    void (*decode)(DecoderLanes& lanes, const DecodeJob& job);

    /// Null in the generic table: scale_network.cpp then runs the plain loops.
    void (*layer)(const PackedLayerView& layer);

    /// Returns how many elements are coded.
    std::size_t (*select)(const SelectJob& job);

    /// r[i] = round-half-even(d[i] * gain) saturated to int16, gains[i] instead of gain if not
    /// null. Returns false if any d is NaN or infinite; r is then unspecified.
    bool (*quantise)(const float* d, const float* gains, float gain, std::size_t count,
                     std::int16_t* r);

    /// Packs the elements of r[0..count) whose mask bit is set; `out` has room for count + 8.
    std::size_t (*pack)(const std::int16_t* r, const std::uint64_t* mask, std::size_t count,
                        std::int16_t* out);

    /// Inverse of pack: r[i] = next packed element where the bit is set, else 0. `packed` can be
    /// read 8 elements past the last. Returns how many were taken.
    std::size_t (*unpack)(const std::int16_t* packed, const std::uint64_t* mask, std::size_t count,
                          std::int16_t* r);

    /// Fields of `bits` bits in two's complement, one after the other from bit 0 of byte 0 on, to
    /// int8. REQUIRES bits 1..8. Reads ceil(count * bits / 8) bytes.
    void (*unpack_fields)(const std::uint8_t* packed, int bits, std::size_t count,
                          std::int8_t* values);

    /// Elements of a row that lie together in a layer's weights.
    std::size_t byte_group;  // 0: rows of bytes are given to wide_dots, as int16
    std::size_t wide_group;
    std::size_t
        tap_group;  // taps of bytes that lie together: 1, or 4 in the order of net_order.cpp

    void (*dots)(const DotsJob& job);       // rows of uint8; null where byte_group is 0
    void (*wide_dots)(const DotsJob& job);  // of int16
    void (*taps)(const TapsJob& job);       // rows of uint8
    void (*wide_taps)(const TapsJob& job);  // of int16; weights as with a tap_group of 1

    void (*finish)(const FinishJob& job, std::uint8_t* out);
    void (*wide_finish)(const FinishJob& job, std::int16_t* out);
};

extern const Ops kGenericOps;

/// The table in use, see simd.hpp. Throws as simd_name() does.
const Ops& ops();

}  // namespace tcs
