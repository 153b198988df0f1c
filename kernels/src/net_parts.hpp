// What the files of the integer engine share.
#pragma once

#include <cstdint>
#include <string>

#include "tcs/net.hpp"
#include "team.hpp"

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

/// Fills `rows` of a checked net's layers.
void plan_rows(Net& net);

/// Rows of a layer that are made when `units` of a picture of `height` pixels are done.
int rows_at(const NetLayer& layer, int units, int height);

/// The first row of what a layer writes that is read after that.
int kept_at(const NetLayer& layer, int units, int height);

/// Puts the numbers of a checked layer into the order that the table's functions take.
void order_layer(NetLayer& layer, const Ops& table);

/// (value + half) >> shift, an arithmetic shift: the floor for negative values too.
constexpr std::int64_t rounded_shift(std::int64_t value, int shift) {
    return (value + (std::int64_t{1} << (shift - 1))) >> shift;
}

/// Rows of a picture from `first` on: (height, width, channels) in all.
struct NetPlanes {
    std::uint8_t* data;
    int first;
    int height;
    int width;
    int channels;
};

/// Rows first .. last - 1 of a layer's result before depth-to-space, or this thread's share of
/// them. `with.data` is null or of the grid of `out`.
struct LinearCall {
    const NetLayer* layer;
    NetPlanes in;
    NetPlanes out;
    NetPlanes with;
    int first;
    int last;
    Share share;
};

void run_conv(const LinearCall& call, NetScratch& scratch);
void run_depthwise(const LinearCall& call, NetScratch& scratch);
void run_requantise(const LinearCall& call, NetScratch& scratch);

}  // namespace tcs
