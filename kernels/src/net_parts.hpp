// What the files of the integer engine share.
#pragma once

#include <cstdint>
#include <string>

#include "tcs/net.hpp"

namespace tcs {

struct Ops;

constexpr int kMaxNetChannels = 1024;
constexpr int kWideMax = 32767;
constexpr int kYLevel = 4;  // log2 of pixels per position of y
constexpr int kZLevel = 6;

[[noreturn]] void refuse_net(const std::string& where, const std::string& message);

/// Throws Error(net) with the field's name unless it holds.
void require_field(bool holds, const std::string& where, const char* what,
                   const std::string& expected, std::int64_t came);

/// Follows the slots through the layers, proves every bound, and fills what is derived.
void check_net(Net& net);

/// Puts the numbers of a checked layer into the order that the table's functions take.
void order_layer(NetLayer& layer, const Ops& table);

/// (value + half) >> shift, an arithmetic shift: the floor for negative values too.
constexpr std::int64_t rounded_shift(std::int64_t value, int shift) {
    return (value + (std::int64_t{1} << (shift - 1))) >> shift;
}

/// A picture in a slot: (height, width, channels).
struct NetPlanes {
    std::uint8_t* data;
    int height;
    int width;
    int channels;
};

/// Rows first .. last - 1 of a layer's result before depth-to-space. `with` is null or as large as
/// `out`.
struct LinearCall {
    const NetLayer* layer;
    NetPlanes in;
    NetPlanes out;
    const std::int16_t* with;
    int first;
    int last;
};

void run_conv(const LinearCall& call, NetScratch& scratch);
void run_depthwise(const LinearCall& call, NetScratch& scratch);
void run_requantise(const LinearCall& call, NetScratch& scratch);

}  // namespace tcs
