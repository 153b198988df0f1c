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

#include <algorithm>
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

/// Which rows of a layer are made and kept while a picture is run from top to bottom, see
/// net_rows.cpp. Rows of a layer are those before depth-to-space; what it writes has `factor` times
/// as many.
struct NetRows {
    int from = -1;         // the layer that wrote what is read, or -1
    int with = -1;         // the same of what is added
    int level = 0;         // log2 of pixels per row
    bool needed = false;   // something reads it
    int ahead = 0;         // rows made beyond those of the pixels that are done
    bool carried = false;  // rows are read after the step that made them
    int kept = 0;          // as `ahead`: the first row of what it writes that is read later
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
    NetRows rows;                    // derived
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
    int input_ahead = 0;  // units of latents that synthesis takes beyond those that are done
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

/// Rows of what a layer writes, from `first` on.
struct NetBuffer {
    std::vector<std::uint8_t> data;
    int first = 0;
};

/// Buffers of one run at a time. They grow to the widest picture seen and are kept.
struct NetWorkspace {
    int threads = 1;                             // that share a run, at most 64: the same results
    std::vector<std::uint8_t> slots[kNetSlots];  // what is read within the step that made it
    std::vector<NetBuffer> layers;               // what is carried on; `first` of all
    std::vector<NetScratch> scratch;             // of each thread
};

/// Workspaces for runs at the same time: as many as there were at once, each kept for the next run.
class NetPool {
public:
    std::unique_ptr<NetWorkspace> take(int threads) {
        const std::lock_guard<std::mutex> lock(mutex_);
        std::unique_ptr<NetWorkspace> taken;
        if (idle_.empty()) {
            taken = std::make_unique<NetWorkspace>();
        } else {
            taken = std::move(idle_.back());
            idle_.pop_back();
        }
        taken->threads = threads;
        return taken;
    }

    void give_back(std::unique_ptr<NetWorkspace> workspace) {
        const std::lock_guard<std::mutex> lock(mutex_);
        idle_.push_back(std::move(workspace));
    }

    /// Calls work(workspace).
    template <typename Work>
    void run(int threads, const Work& work) {
        std::unique_ptr<NetWorkspace> workspace = take(threads);
        work(*workspace);
        give_back(std::move(workspace));
    }

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<NetWorkspace>> idle_;
};

/// Pixels; both sides are multiples of 64 up to 65536, and at most 2^28 pixels.
struct NetSize {
    int height = 0;
    int width = 0;
};

/// Pixels (height, width, 3) of a picture that may be smaller than what a net sees. Beyond them lie
/// copies of the last column and row.
struct NetPixels {
    const std::uint8_t* data = nullptr;
    int height = 0;
    int width = 0;
};

/// What analysis takes and gives. Planes are dense; gains (C_z,) are those of the bundle. n is the
/// number of units that are asked for, of 64 rows each.
struct AnalysisCall {
    NetPixels pixels;  // the picture
    const float* z_gain = nullptr;
    const float* z_inverse_gain = nullptr;
    std::int8_t* z_hat = nullptr;  // (C_z, height / 64, width / 64): written ahead of d
    float* d = nullptr;            // (M, 4 n, width / 16), integers times 2^-y_bits
    float* text = nullptr;         // (text_planes, 4 n, width / 16), null if there are none
};

/// What synthesis takes and gives. Latents are of the m units from NetRun::done() on, up to
/// wanted() or beyond.
struct SynthesisCall {
    int units = 0;                        // m
    const std::int8_t* z_hat = nullptr;   // (C_z, m, width / 64)
    const std::int16_t* r = nullptr;      // (M, 4 m, width / 16)
    const float* inverse_gain = nullptr;  // (M,), or (M, 4 m, width / 16) if `mapped`
    bool mapped = false;
    const float* z_inverse_gain = nullptr;  // (C_z,)
    std::uint8_t* pixels = nullptr;         // (64 n, shown.width, 3), less at the end of `shown`
    NetSize shown;                          // what of the picture is given: its sides, or less
};

/// A net on its way down a picture: memory grows with the width, and each position is computed
/// once. The same results whatever steps are taken.
/// REQUIRES: net and workspace outlive it, and no other run has the workspace meanwhile.
class NetRun {
public:
    /// Throws Error(argument) for a size out of range.
    NetRun(const Net& net, NetWorkspace& workspace, NetSize size);

    /// Units of 64 rows: in all, those done, and the end of the latents that the next `units` take.
    int all() const { return size_.height / kNetUnit; }
    int done() const { return done_; }
    int wanted(int units) const { return std::min(all(), done_ + units + net_.input_ahead); }

    /// The next `units`. Throw Error(argument) for a net of the other role, more units than are
    /// left, or gains that are not finite and in 0 .. 1024.
    void analyse(int units, const AnalysisCall& call);
    void synthesise(int units, const SynthesisCall& call);

private:
    void require(NetRole role, int units) const;
    void advance(int units, const AnalysisCall* analysis, const SynthesisCall* synthesis);

    const Net& net_;
    NetWorkspace& workspace_;
    NetSize size_;
    int done_ = 0;
};

/// Whole pictures at once. Throw as NetRun does.
void analyse(const Net& net, NetWorkspace& workspace, NetSize size, const AnalysisCall& call);
void synthesise(const Net& net, NetWorkspace& workspace, NetSize size, const SynthesisCall& call);

}  // namespace tcs
