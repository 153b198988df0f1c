// Checks of a packed net before anything runs it: slots, grids, and the bounds of every sum.
#include <algorithm>
#include <cstdlib>

#include "net_parts.hpp"
#include "tcs/net.hpp"

namespace tcs {
namespace {

constexpr std::int64_t kInt32Max = 0x7FFFFFFF;
constexpr std::size_t kMaxSlotBytes = std::size_t{1} << 20;  // of each 64 x 64 pixels

/// What a slot holds while the layers are followed.
struct Slot {
    bool written = false;
    bool wide = false;
    int channels = 0;
    int level = 0;           // log2 of pixels per position
    std::int64_t limit = 0;  // largest magnitude
};

class Walk {
public:
    explicit Walk(Net& net) : net_(net) {}

    void all() {
        for (std::size_t i = 0; i < net_.layers.size(); ++i) {
            where_ = "layer " + std::to_string(i) + ": ";
            one(net_.layers[i]);
        }
        where_.clear();
        check_complete();
    }

private:
    void require(bool holds, const char* what, const std::string& expected, std::int64_t came) {
        require_field(holds, where_, what, expected, came);
    }

    const Slot& read(int slot, const char* what) {
        require(slot != kNoSlot && slots_[slot].written, what, "a slot that was written", slot);
        return slots_[slot];
    }

    /// REQUIRES level 0..6.
    void write(const NetLayer& layer, int channels, int level, std::int64_t limit) {
        require(layer.to != kNoSlot, "slot written", "0..7", layer.to);
        slots_[layer.to] = {true, layer.wide, channels, level, limit};
        const std::size_t positions = std::size_t{1} << (2 * (kZLevel - level));
        const std::size_t bytes =
            positions * static_cast<std::size_t>(channels) * (layer.wide ? 2 : 1);
        require(bytes <= kMaxSlotBytes, "bytes of a slot", "at most 2^20 for 64 x 64 pixels",
                static_cast<std::int64_t>(bytes));
    }

    void expect(const Slot& slot, int channels, int level, bool wide) {
        require(slot.channels == channels, "channels", std::to_string(channels), slot.channels);
        require(slot.level == level, "log2 of the stride", std::to_string(level), slot.level);
        require(slot.wide == wide, "type of the slot", wide ? "1 (int16)" : "0 (uint8)", slot.wide);
    }

    void one(NetLayer& layer);
    void linear(NetLayer& layer);
    void check_grid(const NetLayer& layer);
    void check_range(const NetLayer& layer);
    void check_sums(const NetLayer& layer, std::int64_t limit);
    void check_added(const NetLayer& layer, int channels, int level);
    void check_complete();
    void once(NetOp op) { ++seen_[static_cast<int>(op)]; }

    Net& net_;
    Slot slots_[kNetSlots];
    int seen_[32] = {};
    std::string where_;
};

/// Every grid divides: an output row for each `stride` input rows, whatever the picture's size.
void Walk::check_grid(const NetLayer& layer) {
    const int reach = layer.kernel - 2 * layer.pad;
    require((layer.stride & (layer.stride - 1)) == 0, "stride", "1, 2, 4 or 8", layer.stride);
    require((layer.factor & (layer.factor - 1)) == 0, "depth-to-space factor", "1, 2, 4 or 8",
            layer.factor);
    require(reach >= 1 && reach <= layer.stride, "kernel - 2 * pad", "1..stride", reach);
    require(layer.cout % (layer.factor * layer.factor) == 0, "cout",
            "a multiple of the squared depth-to-space factor", layer.cout);
    if (layer.op == NetOp::conv) return;
    require(layer.cin == layer.cout && layer.factor == 1, "cout",
            "cin, without depth-to-space: one filter per channel", layer.cout);
    if (layer.op == NetOp::requantise)
        require(layer.kernel == 1 && layer.stride == 1, "kernel", "1, with stride 1", layer.kernel);
}

void Walk::check_range(const NetLayer& layer) {
    const std::int32_t least = layer.wide ? -kWideMax : 0;
    const std::int32_t most = layer.wide ? kWideMax : 255;
    require(layer.low >= least && layer.low <= layer.high, "low", std::to_string(least) + "..high",
            layer.low);
    require(layer.high <= most, "high", "at most " + std::to_string(most), layer.high);
    require(std::abs(std::int64_t{layer.zero}) <= kWideMax, "zero", "-32767..32767", layer.zero);
}

/// |bias| + sum |weight| * limit below 2^31 per output channel, so that no sum and no partial sum
/// leaves int32; and what the multiplier makes of it with zero and addend within int32 too.
void Walk::check_sums(const NetLayer& layer, std::int64_t limit) {
    const std::size_t outputs = static_cast<std::size_t>(layer.cout);
    const bool dense = layer.op == NetOp::conv;
    const std::size_t taps = layer.weight.size() / outputs;
    for (std::size_t c = 0; c < outputs; ++c) {
        std::int64_t bound = limit;
        if (!layer.bias.empty()) {
            bound = std::abs(std::int64_t{layer.bias[c]});
            for (std::size_t i = 0; i < taps; ++i)
                bound +=
                    std::abs(int{layer.weight[dense ? c * taps + i : i * outputs + c]}) * limit;
        }
        require(bound <= kInt32Max, "|bias| + sum |weight| * limit of an output channel",
                "below 2^31", bound);
        require(layer.mult[c] >= 0, "multiplier", "0..2^31-1", layer.mult[c]);
        const std::int64_t result = rounded_shift(bound * layer.mult[c], layer.shift) + 1;
        require(result + 2 * kWideMax <= kInt32Max, "largest result of an output channel",
                "below 2^31 - 2^16", result);
    }
}

void Walk::check_added(const NetLayer& layer, int channels, int level) {
    if (layer.with == kNoSlot) return;
    expect(read(layer.with, "slot added"), channels, level, true);
    require(layer.wide, "type of the result", "1 (int16), for a slot is added", layer.wide);
    require(layer.with != layer.to || layer.factor == 1, "slot added",
            "another than the slot written, with depth-to-space", layer.with);
}

void Walk::linear(NetLayer& layer) {
    const Slot& in = read(layer.from, "slot read");
    require(in.channels == layer.cin, "cin", std::to_string(in.channels), layer.cin);
    require(layer.from != layer.to, "slot written", "another than the slot read", layer.to);
    check_grid(layer);
    check_range(layer);
    int level = in.level;
    for (int s = layer.stride; s > 1; s /= 2)
        ++level;
    for (int f = layer.factor; f > 1; f /= 2)
        --level;
    require(level >= 0 && level <= kZLevel, "log2 of the result's stride", "0..6", level);
    const int channels = layer.cout / (layer.factor * layer.factor);
    check_sums(layer, in.limit);
    check_added(layer, channels, level);
    layer.wide_input = in.wide;
    layer.level = in.level;
    const std::int64_t low = std::abs(std::int64_t{layer.low});
    write(layer, channels, level, std::max<std::int64_t>(low, std::abs(layer.high)));
}

void Walk::one(NetLayer& layer) {
    once(layer.op);
    switch (layer.op) {
        case NetOp::conv:
        case NetOp::depthwise:
        case NetOp::requantise:
            return linear(layer);
        case NetOp::take_z:
            require(net_.role == NetRole::synthesis || seen_[static_cast<int>(NetOp::round_z)] > 0,
                    "op", "one behind round_z, which makes what it takes", 16);
            return write(layer, net_.hyper, kZLevel, layer.high);
        case NetOp::take_picture:
            layer.wide = false;
            return write(layer, 3, 0, 255);
        case NetOp::round_z:
            return expect(read(layer.from, "slot read"), net_.hyper, kZLevel, true);
        case NetOp::give_d:
            expect(read(layer.with, "slot of the means"), net_.latent, kYLevel, true);
            return expect(read(layer.from, "slot read"), net_.latent, kYLevel, true);
        case NetOp::give_text:
            return expect(read(layer.from, "slot read"), net_.text_planes, kYLevel, true);
        case NetOp::take_r:
            expect(read(layer.from, "slot read"), net_.latent, kYLevel, true);
            return write(layer, net_.latent, kYLevel, layer.high);
        case NetOp::give_picture:
            return expect(read(layer.from, "slot read"), 3, 0, false);
    }
}

/// Each role has its own inputs and outputs, each once.
void Walk::check_complete() {
    const bool analysis = net_.role == NetRole::analysis;
    const int text = analysis && net_.text_planes > 0 ? 1 : 0;
    const int expected[] = {1, analysis, analysis, text, !analysis, analysis, !analysis};
    const char* const names[] = {"take_z", "round_z",      "give_d",      "give_text",
                                 "take_r", "take_picture", "give_picture"};
    for (int i = 0; i < 7; ++i)
        require(seen_[16 + i] == expected[i], names[i], std::to_string(expected[i]) + " of them",
                seen_[16 + i]);
    require(analysis || net_.text_planes == 0, "planes of text", "0 of a synthesis",
            net_.text_planes);
    require(std::is_sorted(net_.thresholds.begin(), net_.thresholds.end()), "thresholds",
            "ascending numbers", 0);
}

}  // namespace

void check_net(Net& net) {
    Walk(net).all();
}

}  // namespace tcs
