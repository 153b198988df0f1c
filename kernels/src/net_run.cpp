// Runs a net: layer after layer, with what it takes and gives at its ends.
#include <algorithm>
#include <cmath>
#include <string>

#include "net_parts.hpp"
#include "ops.hpp"
#include "tcs/net.hpp"
#include "tcs/status.hpp"
#include "team.hpp"

namespace tcs {
namespace {

constexpr float kMaxGain = 1024.0F;
constexpr int kMaxNetSide = 65536;
constexpr std::int64_t kMaxNetPixels = std::int64_t{1} << 28;
constexpr int kZMax = 127;
constexpr int kMaxNetThreads = 64;
constexpr std::size_t kSlotSlack = 2 * kNetPad;  // vector code reads on behind the last element

struct Run {
    const Net& net;
    NetWorkspace& workspace;
    NetSize size;
    const AnalysisCall* analysis;
    const SynthesisCall* synthesis;
    Share share{};  // of each layer

    std::size_t positions(int level) const {
        return static_cast<std::size_t>(size.height >> level) *
               static_cast<std::size_t>(size.width >> level);
    }
    std::int16_t* wide(int slot) const {
        return reinterpret_cast<std::int16_t*>(workspace.slots[slot].data());
    }
};

void fail(const std::string& message) {
    throw Error(ErrorCode::argument, "net: " + message);
}

/// A gain in units of 2^-20. The multiplication by a power of two is exact.
std::int64_t whole_gain(float gain, const char* name) {
    if (!(gain >= 0.0F && gain <= kMaxGain))
        fail(std::string(name) + ": expected numbers in 0..1024, got " + std::to_string(gain));
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(gain) * (1 << kGainBits)));
}

std::int16_t clamped(std::int64_t value, std::int32_t limit) {
    return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, -limit, limit));
}

/// Planes of z are small: one thread makes them.
void take_z(const Run& run, const NetLayer& layer) {
    if (run.share.index != 0) return;
    const bool encoding = run.analysis != nullptr;
    const std::int8_t* z = encoding ? run.analysis->z_hat : run.synthesis->z_hat;
    const float* gains = encoding ? run.analysis->z_inverse_gain : run.synthesis->z_inverse_gain;
    const std::size_t plane = run.positions(kZLevel);
    const std::size_t channels = static_cast<std::size_t>(run.net.hyper);
    std::int16_t* const to = run.wide(layer.to);
    for (std::size_t c = 0; c < channels; ++c) {
        const std::int64_t gain = whole_gain(gains[c], "z_inverse_gain");
        for (std::size_t i = 0; i < plane; ++i)
            to[i * channels + c] =
                clamped(rounded_shift(*z++ * gain, kGainBits - run.net.means_bits), layer.high);
    }
}

void round_z(const Run& run, const NetLayer& layer) {
    if (run.share.index != 0) return;
    const std::size_t plane = run.positions(kZLevel);
    const std::size_t channels = static_cast<std::size_t>(run.net.hyper);
    const std::int16_t* const from = run.wide(layer.from);
    std::int8_t* z = run.analysis->z_hat;
    for (std::size_t c = 0; c < channels; ++c) {
        const std::int64_t gain = whole_gain(run.analysis->z_gain[c], "z_gain");
        for (std::size_t i = 0; i < plane; ++i)
            *z++ = static_cast<std::int8_t>(clamped(
                rounded_shift(from[i * channels + c] * gain, kGainBits + run.net.z_bits), kZMax));
    }
}

void give_d(const Run& run, const NetLayer& layer) {
    const std::size_t plane = run.positions(kYLevel);
    const std::size_t channels = static_cast<std::size_t>(run.net.latent);
    const std::int16_t* const y = run.wide(layer.from);
    const std::int16_t* const mu = run.wide(layer.with);
    const float unit = std::ldexp(1.0F, -run.net.y_bits);
    for (std::size_t c = run.share.begin(channels); c < run.share.end(channels); ++c) {
        float* d = run.analysis->d + c * plane;
        for (std::size_t i = c; i < plane * channels; i += channels)
            *d++ = static_cast<float>(y[i] - mu[i]) * unit;
    }
}

/// Probability (2 k + 1) / 512, k the thresholds that the logit reaches; offsets as they are.
void give_text(const Run& run, const NetLayer& layer) {
    if (run.share.index != 0) return;
    const std::size_t plane = run.positions(kYLevel);
    const std::size_t channels = static_cast<std::size_t>(run.net.text_planes);
    const std::int16_t* const says = run.wide(layer.from);
    const auto first = run.net.thresholds.begin(), last = run.net.thresholds.end();
    const float unit = std::ldexp(1.0F, -run.net.text_bits);
    float* const probability = run.analysis->text;
    for (std::size_t i = 0; i < plane; ++i) {
        const auto reached =
            std::upper_bound(first, last, std::int32_t{says[i * channels]}) - first;
        probability[i] = static_cast<float>(2 * reached + 1) / 512.0F;
        if (channels > 1)
            probability[plane + i] = static_cast<float>(says[i * channels + 1]) * unit;
    }
}

void take_r(const Run& run, const NetLayer& layer) {
    const SynthesisCall& call = *run.synthesis;
    const std::size_t plane = run.positions(kYLevel);
    const std::size_t channels = static_cast<std::size_t>(run.net.latent);
    const std::int16_t* const mu = run.wide(layer.from);
    std::int16_t* const to = run.wide(layer.to);
    const int shift = kGainBits - run.net.y_bits;
    for (std::size_t c = run.share.begin(channels); c < run.share.end(channels); ++c) {
        const float* const gains = call.inverse_gain + (call.mapped ? c * plane : c);
        std::int64_t gain = whole_gain(gains[0], "inverse_gain");
        for (std::size_t i = 0; i < plane; ++i) {
            if (call.mapped) gain = whole_gain(gains[i], "inverse_gain");
            to[i * channels + c] =
                clamped(rounded_shift(call.r[c * plane + i] * gain, shift) + mu[i * channels + c],
                        layer.high);
        }
    }
}

/// Copies this thread's share of a picture.
void copy_picture(const Run& run, const std::uint8_t* from, std::uint8_t* to) {
    const std::size_t bytes = 3 * run.positions(0), begin = run.share.begin(bytes);
    std::copy(from + begin, from + run.share.end(bytes), to + begin);
}

void take_picture(const Run& run, const NetLayer& layer) {
    copy_picture(run, run.analysis->pixels, run.workspace.slots[layer.to].data());
}

void give_picture(const Run& run, const NetLayer& layer) {
    copy_picture(run, run.workspace.slots[layer.from].data(), run.synthesis->pixels);
}

template <void (*Layer)(const LinearCall&, NetScratch&)>
void linear(const Run& run, const NetLayer& layer) {
    const int height = run.size.height >> layer.level;
    const int width = run.size.width >> layer.level;
    LinearCall call{};
    call.layer = &layer;
    call.in = {run.workspace.slots[layer.from].data(), height, width, layer.cin};
    call.out = {run.workspace.slots[layer.to].data(), height / layer.stride * layer.factor,
                width / layer.stride * layer.factor, layer.cout / (layer.factor * layer.factor)};
    call.with = layer.with == kNoSlot ? nullptr : run.wide(layer.with);
    call.first = run.share.begin(height / layer.stride);
    call.last = run.share.end(height / layer.stride);
    Layer(call, run.workspace.scratch[static_cast<std::size_t>(run.share.index)]);
}

using Step = void (*)(const Run&, const NetLayer&);

Step step_of(NetOp op) {
    static constexpr Step between[] = {linear<run_conv>, linear<run_depthwise>,
                                       linear<run_requantise>};
    static constexpr Step ends[] = {take_z, round_z,      give_d,      give_text,
                                    take_r, take_picture, give_picture};
    const int number = static_cast<int>(op);
    return number < 16 ? between[number] : ends[number - 16];
}

void run_all(const Run& run) {
    const NetSize size = run.size;
    const auto fits = [](int side) {
        return side >= kNetUnit && side <= kMaxNetSide && side % kNetUnit == 0;
    };
    if (!fits(size.height) || !fits(size.width) ||
        std::int64_t{size.height} * size.width > kMaxNetPixels)
        fail("expected sides that are multiples of 64 with at most 2^28 pixels, got " +
             std::to_string(size.height) + " x " + std::to_string(size.width));
    for (int i = 0; i < kNetSlots; ++i) {
        std::vector<std::uint8_t>& slot = run.workspace.slots[i];
        const std::size_t bytes = run.net.slot_bytes[i] * run.positions(kZLevel) + kSlotSlack;
        slot.resize(std::max(slot.size(), bytes));
    }
    const int threads = std::clamp(run.workspace.threads, 1, kMaxNetThreads);
    if (run.workspace.scratch.size() < static_cast<std::size_t>(threads))
        run.workspace.scratch.resize(static_cast<std::size_t>(threads));
    run_together(threads, static_cast<int>(run.net.layers.size()), [&](int n, Share share) {
        Run mine = run;
        mine.share = share;
        const NetLayer& layer = run.net.layers[static_cast<std::size_t>(n)];
        step_of(layer.op)(mine, layer);
    });
}

void require_role(const Net& net, NetRole role) {
    static const char* const names[] = {"", "analysis", "synthesis"};
    if (net.role != role)
        fail(std::string("expected a net of the role ") + names[static_cast<int>(role)] +
             ", got one of the role " + names[static_cast<int>(net.role)]);
}

}  // namespace

void analyse(const Net& net, NetWorkspace& workspace, NetSize size, const AnalysisCall& call) {
    require_role(net, NetRole::analysis);
    run_all({net, workspace, size, &call, nullptr});
}

void synthesise(const Net& net, NetWorkspace& workspace, NetSize size, const SynthesisCall& call) {
    require_role(net, NetRole::synthesis);
    run_all({net, workspace, size, nullptr, &call});
}

}  // namespace tcs
