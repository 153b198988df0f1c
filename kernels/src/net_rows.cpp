// How a net streams: which rows of each layer are made, and which are kept, on the way down a
// picture.
//
// When T units of 64 rows are done, a layer whose rows are 2^level pixels apart has made the first
// (T << (6 - level)) + ahead of them, or all that there are. `ahead` is what later layers look at
// beyond their own rows: it is followed from the outputs, which are 0 ahead, up to the inputs. As
// every grid divides, it is the same number at every T and in pictures of every size.
#include <algorithm>
#include <limits>

#include "net_parts.hpp"

namespace tcs {
namespace {

bool is_linear(NetOp op) {
    return op <= NetOp::requantise;
}

bool is_end(NetOp op) {
    return op == NetOp::round_z || op == NetOp::give_d || op == NetOp::give_text ||
           op == NetOp::give_picture;
}

bool reads_slot(NetOp op) {
    return op != NetOp::take_z && op != NetOp::take_picture;
}

int log2_of(int power) {
    int bits = 0;
    for (; power > 1; power /= 2)
        ++bits;
    return bits;
}

int level_of(const NetLayer& layer) {
    static constexpr int ends[] = {kZLevel, kZLevel, kYLevel, kYLevel, kYLevel, 0, 0};
    if (is_linear(layer.op)) return layer.level + log2_of(layer.stride);
    return ends[static_cast<int>(layer.op) - static_cast<int>(NetOp::take_z)];
}

/// Which layers a layer reads: the last that wrote its slots. take_z takes what round_z gave.
void find_sources(Net& net) {
    int writer[kNetSlots], round_z = -1;
    std::fill_n(writer, kNetSlots, -1);
    for (std::size_t i = 0; i < net.layers.size(); ++i) {
        NetLayer& layer = net.layers[i];
        if (reads_slot(layer.op)) layer.rows.from = writer[layer.from];
        if (layer.op == NetOp::take_z) layer.rows.from = round_z;
        if ((is_linear(layer.op) && layer.with != kNoSlot) || layer.op == NetOp::give_d)
            layer.rows.with = writer[layer.with];
        layer.rows.level = level_of(layer);
        if (layer.op == NetOp::round_z)
            round_z = static_cast<int>(i);
        else if (!is_end(layer.op))
            writer[layer.to] = static_cast<int>(i);
    }
}

/// A layer reads rows of another: from one that is `begin` ahead on, up to one that is `end` ahead.
struct Reading {
    int layer, begin, end;
};

/// What layer i reads, -1 for nothing; rows as the other layer writes them.
void readings(const NetLayer& layer, Reading (&both)[2]) {
    const int ahead = layer.rows.ahead;
    both[0] = {layer.rows.from, ahead, ahead};
    both[1] = {layer.rows.with, ahead * layer.factor, ahead * layer.factor};
    if (!is_linear(layer.op)) return;
    both[0].begin = ahead * layer.stride - layer.pad;
    both[0].end = ahead * layer.stride + layer.kernel - layer.pad - layer.stride;
}

void follow_up(Net& net) {
    for (std::size_t i = net.layers.size(); i-- > 0;) {
        NetLayer& layer = net.layers[i];
        layer.rows.needed = layer.rows.needed || is_end(layer.op);
        if (!layer.rows.needed) continue;
        Reading both[2];
        readings(layer, both);
        for (const Reading& reading : both) {
            if (reading.layer < 0) continue;
            NetLayer& read = net.layers[static_cast<std::size_t>(reading.layer)];
            read.rows.needed = true;
            const int ahead = (std::max(reading.end, 0) + read.factor - 1) / read.factor;
            read.rows.ahead = std::max(read.rows.ahead, ahead);
        }
    }
}

void follow_down(Net& net) {
    for (NetLayer& layer : net.layers)
        layer.rows.kept = layer.rows.ahead * layer.factor;
    for (const NetLayer& layer : net.layers) {
        if (!layer.rows.needed) continue;
        Reading both[2];
        readings(layer, both);
        for (const Reading& reading : both) {
            if (reading.layer < 0) continue;
            NetRows& read = net.layers[static_cast<std::size_t>(reading.layer)].rows;
            read.carried = read.carried || reading.begin < read.kept;
            read.kept = std::min(read.kept, reading.begin);
        }
    }
}

}  // namespace

void plan_rows(Net& net) {
    find_sources(net);
    follow_up(net);
    follow_down(net);
    for (const NetLayer& layer : net.layers) {
        if (layer.op != NetOp::take_z && layer.op != NetOp::take_r) continue;
        const int rows = 1 << (kZLevel - layer.rows.level);
        net.input_ahead = std::max(net.input_ahead, (layer.rows.ahead + rows - 1) / rows);
    }
}

int rows_at(const NetLayer& layer, int units, int height) {
    if (units == 0 || !layer.rows.needed) return 0;
    const int rows = height >> layer.rows.level;
    return std::min(rows, (units << (kZLevel - layer.rows.level)) + layer.rows.ahead);
}

int kept_at(const NetLayer& layer, int units, int height) {
    const int made = rows_at(layer, units, height) * layer.factor;
    const int level = layer.rows.level - log2_of(layer.factor);
    return std::clamp((units << (kZLevel - level)) + layer.rows.kept, 0, made);
}

}  // namespace tcs
