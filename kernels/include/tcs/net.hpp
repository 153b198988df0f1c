// The edge nets in integers: what a `.tcsn` file holds, and the engine that runs it.
// docs/reference/net.md specifies the bytes and the arithmetic; net_*.cpp in plain C++ are that
// specification as a program.
//
// READ ME FIRST. A net is a list of layers that read and write numbered slots. A slot holds a
// picture of small integers, channels last: uint8, or int16 ("wide"). Every sum is int32 and proved
// to fit when the net is opened; every result is requantised by a multiplication and a shift. No
// float takes part but the gains of the entropy bundle, which become integers first, and d and the
// text planes, which are integers times a power of two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tcs {

constexpr int kNetSlots = 8;
constexpr int kNoSlot = 255;
constexpr int kNetUnit = 64;   // sides of what a net sees are multiples of it
constexpr int kGainBits = 20;  // gains become integers in units of 2^-20
constexpr int kTextThresholds = 255;

enum class NetRole : std::uint8_t { analysis = 1, synthesis = 2 };

enum class NetOp : std::uint8_t {
    conv = 0,  // dense
    depthwise = 1,
    requantise = 2,
    take_z = 16,        // z_hat times its inverse gain -> to
    round_z = 17,       // from times the gain of z -> z_hat
    give_d = 18,        // from - with -> d
    give_text = 19,     // from -> probability, offsets
    take_r = 20,        // r times its inverse gain + from -> to
    take_picture = 21,  // pixels -> to
    give_picture = 22,  // from -> pixels
};

/// One layer. Fields from `kernel` on are of conv, depthwise and requantise alone.
struct NetLayer {
    NetOp op = NetOp::conv;
    int from = kNoSlot;
    int to = kNoSlot;
    int with = kNoSlot;  // added to the result; of give_d the means
    int kernel = 1;
    int stride = 1;
    int pad = 0;
    bool replicate = false;  // beyond the border: the nearest element, or `border`
    int border = 0;
    int factor = 1;     // depth-to-space
    int shift = 1;      // 1..32
    bool wide = false;  // result: int16, or uint8
    int cin = 0;
    int cout = 0;  // before depth-to-space
    std::int32_t zero = 0;
    std::int32_t low = 0;  // of take_z and take_r: -high
    std::int32_t high = 0;
    // Once parsed in the order of net_order.cpp; the file's is (cout, kernel, kernel, cin), of
    // depthwise (kernel, kernel, cout).
    std::vector<std::int8_t> weight;
    std::vector<std::int32_t> bias;  // (cout,), none of requantise
    std::vector<std::int32_t> mult;  // (cout,)
    bool wide_input = false;         // derived: what `from` holds
    int level = 0;                   // derived: log2 of pixels per position of `from`
};

/// A parsed net. Immutable once made: share one between threads.
struct Net {
    NetRole role = NetRole::analysis;
    int latent = 0;      // M
    int hyper = 0;       // C_z
    int y_bits = 0;      // y and mu are in units of 2^-y_bits
    int z_bits = 0;      // z before its gain
    int means_bits = 0;  // z_hat times its inverse gain
    int text_bits = 0;   // logits and offsets
    int text_planes = 0;
    std::vector<NetLayer> layers;
    std::vector<std::int32_t> thresholds;  // 255 logits of probabilities 1/256 .. 255/256, or none
    std::size_t slot_bytes[kNetSlots] = {};  // of each 64 x 64 pixels
};

/// Reads the bytes of a `.tcsn`. Any bytes are safe; memory is bounded by 40 times
/// `size`. Throws Error(newer_version) for a later version, else Error(net) with the layer and
/// field, what was expected and what came.
Net parse_net(const std::uint8_t* data, std::size_t size);

/// What a few positions of a layer need on their way.
struct NetScratch {
    std::vector<std::int16_t> rows;  // what filters see
    std::vector<const void*> taps;
    std::vector<std::uint8_t> border;
    std::vector<std::int32_t> sums;
    std::vector<std::int16_t> with;  // before depth-to-space
    std::vector<std::int16_t> values;
};

/// Buffers of one run at a time. They grow to the largest picture seen and are kept.
struct NetWorkspace {
    int threads = 1;  // that share a run, at most 64: the same results with any number
    std::vector<std::uint8_t> slots[kNetSlots];
    std::vector<NetScratch> scratch;  // of each thread
};

/// Workspaces for runs at the same time: as many as there were at once, each kept for the next run.
class NetPool {
public:
    /// Calls work(workspace).
    template <typename Work>
    void run(int threads, const Work& work) {
        std::unique_ptr<NetWorkspace> workspace = take();
        workspace->threads = threads;
        work(*workspace);
        const std::lock_guard<std::mutex> lock(mutex_);
        idle_.push_back(std::move(workspace));
    }

private:
    std::unique_ptr<NetWorkspace> take() {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (idle_.empty()) return std::make_unique<NetWorkspace>();
        std::unique_ptr<NetWorkspace> workspace = std::move(idle_.back());
        idle_.pop_back();
        return workspace;
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<NetWorkspace>> idle_;
};

/// Pixels; both sides are multiples of 64 up to 65536, and at most 2^28 pixels.
struct NetSize {
    int height = 0;
    int width = 0;
};

/// What analysis takes and gives. Planes are dense: (C, h, w); gains (C_z,) are those of the
/// bundle.
struct AnalysisCall {
    const std::uint8_t* pixels = nullptr;  // (height, width, 3)
    const float* z_gain = nullptr;
    const float* z_inverse_gain = nullptr;
    std::int8_t* z_hat = nullptr;  // (C_z, height / 64, width / 64)
    float* d = nullptr;            // (M, height / 16, width / 16), integers times 2^-y_bits
    float* text = nullptr;         // (text_planes, height / 16, width / 16), null if there are none
};

/// What synthesis takes and gives.
struct SynthesisCall {
    const std::int8_t* z_hat = nullptr;   // (C_z, height / 64, width / 64)
    const std::int16_t* r = nullptr;      // (M, height / 16, width / 16)
    const float* inverse_gain = nullptr;  // (M,), or (M, height / 16, width / 16) if `mapped`
    bool mapped = false;
    const float* z_inverse_gain = nullptr;  // (C_z,)
    std::uint8_t* pixels = nullptr;         // (height, width, 3)
};

/// Throw Error(argument) for a net of the other role, a size out of range, or gains that are not
/// finite and in 0 .. 1024.
void analyse(const Net& net, NetWorkspace& workspace, NetSize size, const AnalysisCall& call);
void synthesise(const Net& net, NetWorkspace& workspace, NetSize size, const SynthesisCall& call);

}  // namespace tcs
