// What a net takes and gives at its ends: pixels, latents, text planes.
#include <algorithm>
#include <cmath>

#include "net_steps.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

constexpr float kMaxGain = 1024.0F;
constexpr int kZMax = 127;

/// A gain in units of 2^-20. The multiplication by a power of two is exact.
std::int64_t whole_gain(float gain, const char* name) {
    if (!(gain >= 0.0F && gain <= kMaxGain))
        fail_run(std::string(name) + ": expected numbers in 0..1024, got " + std::to_string(gain));
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(gain) * (1 << kGainBits)));
}

std::int16_t clamped(std::int64_t value, std::int32_t limit) {
    return static_cast<std::int16_t>(std::clamp<std::int64_t>(value, -limit, limit));
}

/// Rows of a step on the grid of y, within planes of `units` units.
struct YRows {
    std::size_t count;   // positions of the step
    std::size_t plane;   // of a channel
    std::size_t offset;  // of the step within it
    int first;

    YRows(const NetStepRun& run, const NetLayer& layer, int units)
        : count(run.width_at(kYLevel) *
                static_cast<std::size_t>(run.last_row(layer) - run.first_row(layer))),
          plane(run.width_at(kYLevel) * 4 * static_cast<std::size_t>(units)),
          offset(run.width_at(kYLevel) *
                 static_cast<std::size_t>(run.first_row(layer) - 4 * run.origin)),
          first(run.first_row(layer)) {}
};

/// Rows of this thread: begin .. end - 1 of the step's.
struct SharedRows {
    int begin, end;

    SharedRows(const NetStepRun& run, const NetLayer& layer) {
        const int first = run.first_row(layer), count = run.last_row(layer) - first;
        begin = first + run.share.begin(count);
        end = first + run.share.end(count);
    }
};

}  // namespace

int level_written(const NetLayer& layer) {
    int level = layer.rows.level;
    for (int f = layer.factor; f > 1; f /= 2)
        --level;
    return level;
}

int channels_written(const Net& net, const NetLayer& layer) {
    if (layer.op == NetOp::take_z) return net.hyper;
    if (layer.op == NetOp::take_r) return net.latent;
    if (layer.op == NetOp::take_picture) return 3;
    return layer.cout / (layer.factor * layer.factor);
}

NetPlanes NetStepRun::planes(int index) const {
    if (index < 0) return {};
    const NetLayer& layer = net.layers[static_cast<std::size_t>(index)];
    NetBuffer& own = workspace.layers[static_cast<std::size_t>(index)];
    std::vector<std::uint8_t>& data = layer.rows.carried ? own.data : workspace.slots[layer.to];
    const int level = level_written(layer);
    return {data.data(), own.first, size.height >> level, size.width >> level,
            channels_written(net, layer)};
}

void fail_run(const std::string& message) {
    throw Error(ErrorCode::argument, "net: " + message);
}

/// Planes of z are small: one thread makes them.
void take_z(const NetStepRun& run, const NetLayer& layer, int index) {
    if (run.share.index != 0) return;
    const bool encoding = run.analysis != nullptr;
    const float* gains = encoding ? run.analysis->z_inverse_gain : run.synthesis->z_inverse_gain;
    const std::int8_t* const z_hat = encoding ? run.analysis->z_hat : run.synthesis->z_hat;
    const int origin = encoding ? 0 : run.origin;
    const int rows = encoding ? run.size.height >> kZLevel : run.given;
    const std::size_t width = run.width_at(kZLevel);
    const std::size_t channels = static_cast<std::size_t>(run.net.hyper);
    const int first = run.first_row(layer);
    const std::size_t count = width * static_cast<std::size_t>(run.last_row(layer) - first);
    std::int16_t* const to = run.wide(index, first);
    for (std::size_t c = 0; c < channels; ++c) {
        const std::int64_t gain = whole_gain(gains[c], "z_inverse_gain");
        const std::int8_t* z =
            z_hat +
            (c * static_cast<std::size_t>(rows) + static_cast<std::size_t>(first - origin)) * width;
        for (std::size_t i = 0; i < count; ++i)
            to[i * channels + c] =
                clamped(rounded_shift(*z++ * gain, kGainBits - run.net.means_bits), layer.high);
    }
}

void round_z(const NetStepRun& run, const NetLayer& layer, int) {
    if (run.share.index != 0) return;
    const std::size_t width = run.width_at(kZLevel);
    const std::size_t plane = width * static_cast<std::size_t>(run.size.height >> kZLevel);
    const std::size_t channels = static_cast<std::size_t>(run.net.hyper);
    const int first = run.first_row(layer);
    const std::size_t count = width * static_cast<std::size_t>(run.last_row(layer) - first);
    const std::int16_t* const from = run.wide(layer.rows.from, first);
    for (std::size_t c = 0; c < channels; ++c) {
        const std::int64_t gain = whole_gain(run.analysis->z_gain[c], "z_gain");
        std::int8_t* z = run.analysis->z_hat + c * plane + static_cast<std::size_t>(first) * width;
        for (std::size_t i = 0; i < count; ++i)
            *z++ = static_cast<std::int8_t>(clamped(
                rounded_shift(from[i * channels + c] * gain, kGainBits + run.net.z_bits), kZMax));
    }
}

void give_d(const NetStepRun& run, const NetLayer& layer, int) {
    const YRows rows(run, layer, run.asked);
    const std::size_t channels = static_cast<std::size_t>(run.net.latent);
    const std::int16_t* const y = run.wide(layer.rows.from, rows.first);
    const std::int16_t* const mu = run.wide(layer.rows.with, rows.first);
    const float unit = std::ldexp(1.0F, -run.net.y_bits);
    for (std::size_t c = run.share.begin(channels); c < run.share.end(channels); ++c) {
        float* d = run.analysis->d + c * rows.plane + rows.offset;
        for (std::size_t i = c; i < rows.count * channels; i += channels)
            *d++ = static_cast<float>(y[i] - mu[i]) * unit;
    }
}

/// Probability (2 k + 1) / 512, k the thresholds that the logit reaches; offsets as they are.
void give_text(const NetStepRun& run, const NetLayer& layer, int) {
    if (run.share.index != 0) return;
    const YRows rows(run, layer, run.asked);
    const std::size_t channels = static_cast<std::size_t>(run.net.text_planes);
    const std::int16_t* const says = run.wide(layer.rows.from, rows.first);
    const auto first = run.net.thresholds.begin(), last = run.net.thresholds.end();
    const float unit = std::ldexp(1.0F, -run.net.text_bits);
    float* const probability = run.analysis->text + rows.offset;
    for (std::size_t i = 0; i < rows.count; ++i) {
        const auto reached =
            std::upper_bound(first, last, std::int32_t{says[i * channels]}) - first;
        probability[i] = static_cast<float>(2 * reached + 1) / 512.0F;
        if (channels > 1)
            probability[rows.plane + i] = static_cast<float>(says[i * channels + 1]) * unit;
    }
}

void take_r(const NetStepRun& run, const NetLayer& layer, int index) {
    const SynthesisCall& call = *run.synthesis;
    const YRows rows(run, layer, run.given);
    const std::size_t channels = static_cast<std::size_t>(run.net.latent);
    const std::int16_t* const mu = run.wide(layer.rows.from, rows.first);
    std::int16_t* const to = run.wide(index, rows.first);
    const int shift = kGainBits - run.net.y_bits;
    for (std::size_t c = run.share.begin(channels); c < run.share.end(channels); ++c) {
        const std::size_t at = c * rows.plane + rows.offset;
        const std::int16_t* const r = call.r + at;
        const float* const gains = call.inverse_gain + (call.mapped ? at : c);
        std::int64_t gain = whole_gain(gains[0], "inverse_gain");
        for (std::size_t i = 0; i < rows.count; ++i) {
            if (call.mapped) gain = whole_gain(gains[i], "inverse_gain");
            to[i * channels + c] =
                clamped(rounded_shift(r[i] * gain, shift) + mu[i * channels + c], layer.high);
        }
    }
}

void take_picture(const NetStepRun& run, const NetLayer& layer, int index) {
    const SharedRows rows(run, layer);
    const NetPixels& from = run.analysis->pixels;
    const NetPlanes to = run.planes(index);
    const std::size_t wide = static_cast<std::size_t>(to.width);
    const std::size_t given = static_cast<std::size_t>(from.width);
    for (int y = rows.begin; y < rows.end; ++y) {
        const std::size_t row = static_cast<std::size_t>(std::min(y, from.height - 1));
        std::uint8_t* const out = to.data + static_cast<std::size_t>(y - to.first) * wide * 3;
        std::copy_n(from.data + row * given * 3, given * 3, out);
        for (std::size_t x = given; x < wide; ++x)
            std::copy_n(out + (given - 1) * 3, 3, out + x * 3);
    }
}

void give_picture(const NetStepRun& run, const NetLayer& layer, int) {
    const SharedRows rows(run, layer);
    const NetSize& shown = run.synthesis->shown;
    const NetPlanes from = run.planes(layer.rows.from);
    const std::size_t line = static_cast<std::size_t>(shown.width) * 3;
    const std::size_t wide = static_cast<std::size_t>(from.width) * 3;
    for (int y = rows.begin; y < std::min(rows.end, shown.height); ++y)
        std::copy_n(
            from.data + static_cast<std::size_t>(y - from.first) * wide, line,
            run.synthesis->pixels + static_cast<std::size_t>(y - kNetUnit * run.origin) * line);
}

}  // namespace tcs
