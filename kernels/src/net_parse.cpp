// The bytes of a `.tcsn`: header, layers, thresholds, check. docs/reference/net.md specifies them.
#include <cstring>
#include <string>

#include "net_parts.hpp"
#include "ops.hpp"
#include "tcs/crc32c.hpp"
#include "tcs/net.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

constexpr std::size_t kHeadBytes = 20;
constexpr std::size_t kCheckBytes = 4;
constexpr int kMajor = 0;
constexpr int kMinor = 1;

/// Reads field after field, never past the end. `where` begins every message.
class NetReader {
public:
    NetReader(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

    void enter(std::string where) { where_ = std::move(where); }
    std::size_t left() const { return size_ - offset_; }

    const std::uint8_t* take(std::size_t count, const char* what) {
        if (count > left())
            refuse_net(where_, std::string(what) + ": expected " + std::to_string(count) +
                                   " bytes, " + std::to_string(left()) +
                                   " are left; the file is truncated");
        const std::uint8_t* const taken = data_ + offset_;
        offset_ += count;
        return taken;
    }

    /// A little-endian number of 1, 2 or 4 bytes within low..high.
    std::int64_t number(std::size_t bytes, const char* what, std::int64_t low, std::int64_t high) {
        const std::int64_t value = little_endian(take(bytes, what), bytes);
        require_field(value >= low && value <= high, where_, what,
                      std::to_string(low) + ".." + std::to_string(high), value);
        return value;
    }

    int small(std::size_t bytes, const char* what, int low, int high) {
        return static_cast<int>(number(bytes, what, low, high));
    }

    std::int32_t signed_number(const char* what) { return at(take(4, what)); }

    std::vector<std::int32_t> signed_numbers(int count, const char* what) {
        const std::size_t n = static_cast<std::size_t>(count);
        const std::uint8_t* const from = take(4 * n, what);
        std::vector<std::int32_t> values(n);
        for (std::size_t i = 0; i < n; ++i)
            values[i] = at(from + 4 * i);
        return values;
    }

private:
    static std::int64_t little_endian(const std::uint8_t* p, std::size_t bytes) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < bytes; ++i)
            value |= std::uint32_t{p[i]} << (8 * i);
        return value;
    }
    static std::int32_t at(const std::uint8_t* p) {
        const std::uint32_t bits = static_cast<std::uint32_t>(little_endian(p, 4));
        std::int32_t value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }

    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t offset_ = 0;
    std::string where_;
};

int read_slot(NetReader& in, const char* what) {
    const int slot = in.small(1, what, 0, 255);
    require_field(slot < kNetSlots || slot == kNoSlot, "", what, "0..7, or 255 for none", slot);
    return slot;
}

bool is_linear(NetOp op) {
    return op <= NetOp::requantise;
}

/// Weights, biases and multipliers.
void read_arrays(NetReader& in, NetLayer& layer) {
    const std::size_t taps = static_cast<std::size_t>(layer.kernel * layer.kernel);
    std::size_t weights = taps * static_cast<std::size_t>(layer.cout);
    if (layer.op == NetOp::conv) weights *= static_cast<std::size_t>(layer.cin);
    if (layer.op != NetOp::requantise) {
        layer.weight.resize(weights <= in.left() ? weights : 0);
        const std::uint8_t* const from = in.take(weights, "weights");
        std::memcpy(layer.weight.data(), from, weights);
        layer.bias = in.signed_numbers(layer.cout, "biases");
    }
    layer.mult = in.signed_numbers(layer.cout, "multipliers");
}

void read_linear(NetReader& in, NetLayer& layer) {
    layer.kernel = in.small(1, "kernel", 1, 8);
    layer.stride = in.small(1, "stride", 1, 8);
    layer.pad = in.small(1, "pad", 0, 4);
    layer.replicate = in.small(1, "border mode", 0, 1) == 1;
    layer.border = in.small(1, "border value", 0, 255);
    layer.factor = in.small(1, "depth-to-space factor", 1, 8);
    layer.shift = in.small(1, "shift", 1, 32);
    layer.wide = in.small(1, "type of the result", 0, 1) == 1;
    layer.cin = in.small(2, "cin", 1, kMaxNetChannels);
    layer.cout = in.small(2, "cout", 1, kMaxNetChannels);
    layer.zero = in.signed_number("zero");
    layer.low = in.signed_number("low");
    layer.high = in.signed_number("high");
    read_arrays(in, layer);
}

NetLayer read_layer(NetReader& in, const std::string& where) {
    NetLayer layer;
    in.enter(where);
    layer.op = static_cast<NetOp>(in.small(1, "op", 0, 255));
    require_field(
        is_linear(layer.op) || (layer.op >= NetOp::take_z && layer.op <= NetOp::give_picture),
        where, "op", "0..2 or 16..22", static_cast<int>(layer.op));
    layer.from = read_slot(in, "slot read");
    layer.to = read_slot(in, "slot written");
    layer.with = read_slot(in, "slot added");
    if (is_linear(layer.op)) {
        read_linear(in, layer);
    } else {
        layer.high = in.small(2, "limit", 1, kWideMax);
        layer.low = -layer.high;
        layer.wide = layer.op == NetOp::take_z || layer.op == NetOp::take_r;
    }
    return layer;
}

/// Magic, version and check.
void check_frame(const std::uint8_t* data, std::size_t size) {
    if (size < kHeadBytes + kCheckBytes)
        refuse_net("", "expected at least " + std::to_string(kHeadBytes + kCheckBytes) +
                           " bytes, got " + std::to_string(size));
    if (std::memcmp(data, "TCSN", 4) != 0)
        refuse_net("", "expected the magic bytes 'TCSN' first; these are no packed net");
    const std::string version = std::to_string(data[4]) + "." + std::to_string(data[5]);
    if (data[4] > kMajor || data[5] > kMinor)
        throw Error(ErrorCode::newer_version,
                    "packed net: expected version 0.1, got " + version + "; update this library");
    if (data[5] < kMinor) refuse_net("", "expected version 0.1, got " + version);
    NetReader last(data + size - kCheckBytes, kCheckBytes);
    if (last.number(4, "check", 0, 0xFFFFFFFF) != crc32c(data, size - kCheckBytes, 0))
        refuse_net("", "the checksum does not fit the bytes; the file is damaged, fetch it again");
}

}  // namespace

void refuse_net(const std::string& where, const std::string& message) {
    throw Error(ErrorCode::net, "packed net: " + where + message);
}

void require_field(bool holds, const std::string& where, const char* what,
                   const std::string& expected, std::int64_t came) {
    if (!holds)
        refuse_net(where,
                   std::string(what) + ": expected " + expected + ", got " + std::to_string(came));
}

Net parse_net(const std::uint8_t* data, std::size_t size) {
    check_frame(data, size);
    NetReader in(data, size - kCheckBytes);
    in.take(6, "magic and version");
    Net net;
    net.role = static_cast<NetRole>(in.small(1, "role", 1, 2));
    const int layers = in.small(1, "layers", 1, 255);
    net.latent = in.small(2, "latent", 1, kMaxNetChannels);
    net.hyper = in.small(2, "hyper", 1, kMaxNetChannels);
    net.y_bits = in.small(1, "bits of y", 0, kGainBits - 1);
    net.z_bits = in.small(1, "bits of z", 0, kGainBits - 1);
    net.means_bits = in.small(1, "bits of the means' input", 0, kGainBits - 1);
    net.text_bits = in.small(1, "bits of text", 0, kGainBits - 1);
    net.text_planes = in.small(1, "planes of text", 0, 2);
    in.number(1, "reserved byte", 0, 0);
    in.number(2, "reserved bytes", 0, 0);
    for (int i = 0; i < layers; ++i)
        net.layers.push_back(read_layer(in, "layer " + std::to_string(i) + ": "));
    in.enter("");
    if (net.text_planes > 0) net.thresholds = in.signed_numbers(kTextThresholds, "thresholds");
    if (in.left() != 0)
        refuse_net("", "expected the end behind the last field, " + std::to_string(in.left()) +
                           " bytes follow");
    check_net(net);
    plan_rows(net);
    for (NetLayer& layer : net.layers)
        order_layer(layer, ops());
    return net;
}

}  // namespace tcs
