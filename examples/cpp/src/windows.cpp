#include "windows.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "error.hpp"

namespace example {
namespace {

// What a model asks for is rounded to few values: long runs keep quality maps short.
constexpr float kWholeSteps = 4.0F;
constexpr float kMostSteps = 20.0F;

template <typename T>
std::string shape_of(const Planes<T>& planes) {
    return "(1, " + std::to_string(planes.channels) + ", " + std::to_string(planes.height) + ", " +
           std::to_string(planes.width) + ")";
}

// Throws unless a graph's output n is there and has this shape.
const Planes<float>& expect_output(const std::vector<Planes<float>>& outputs, std::size_t n,
                                   int channels, int height, int width) {
    if (n >= outputs.size()) throw Error("the graph has too few outputs: the model is damaged");
    const Planes<float>& output = outputs[n];
    if (output.channels != channels || output.height != height || output.width != width) {
        throw Error("expected output " + std::to_string(n) + " of the graph as (1, " +
                    std::to_string(channels) + ", " + std::to_string(height) + ", " +
                    std::to_string(width) + "), got " + shape_of(output));
    }
    return output;
}

Planes<float> crop(const Planes<float>& planes, const Box& at) {
    Planes<float> part(planes.channels, at.height, at.width);
    for (int c = 0; c < part.channels; ++c) {
        for (int y = 0; y < at.height; ++y) {
            const float* const source = planes.row(c, at.y + y) + at.x;
            std::copy(source, source + at.width, part.row(c, y));
        }
    }
    return part;
}

// Copies the common part of two sets of planes that lie on the same grid.
template <typename T>
void paste(Planes<float>& target, const Box& target_at, const Planes<T>& source,
           const Box& source_at) {
    const Box common = target_at.overlap(source_at);
    const Box into = common.within(target_at);
    const Box out_of = common.within(source_at);
    for (int c = 0; c < target.channels; ++c) {
        for (int y = 0; y < common.height; ++y) {
            const T* const from = source.row(c, out_of.y + y) + out_of.x;
            std::transform(from, from + common.width, target.row(c, into.y + y) + into.x,
                           [](T value) { return static_cast<float>(value); });
        }
    }
}

Planes<std::int8_t> whole_numbers(const Planes<float>& z_hat) {
    Planes<std::int8_t> whole(z_hat.channels, z_hat.height, z_hat.width);
    for (std::size_t i = 0; i < whole.values.size(); ++i) {
        const float value = z_hat.values[i];
        if (!(std::abs(value) <= 127.0F) || std::nearbyint(value) != value) {
            throw Error(
                "the analysis graph gave " + std::to_string(value) +
                " as hyper-latent, expected a whole number -127..127: the model is damaged");
        }
        whole.values[i] = static_cast<std::int8_t>(value);
    }
    return whole;
}

Planes<float> finite(Planes<float> planes) {
    const auto& values = planes.values;
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
        throw Error("the analysis graph gave NaN or infinity: the model is damaged");
    }
    return planes;
}

// The second plane of what the detector says, rounded to the few values that maps are made of:
// (h * w), or empty where all are 0.
std::vector<std::int8_t> finer_steps(const Planes<float>& says) {
    std::vector<std::int8_t> steps(static_cast<std::size_t>(says.height) *
                                   static_cast<std::size_t>(says.width));
    const float* const asked = says.row(1, 0);
    std::transform(asked, asked + steps.size(), steps.begin(), [](float v) {
        const float whole = std::nearbyint(v / kWholeSteps) * kWholeSteps;
        return static_cast<std::int8_t>(std::clamp(whole, 0.0F, kMostSteps));
    });
    const bool any = std::any_of(steps.begin(), steps.end(), [](int step) { return step != 0; });
    return any ? steps : std::vector<std::int8_t>{};
}

// (M, 1, 1) or (M, h, w) -> (M, h, w) of the tile's y grid.
Planes<float> spread(const Planes<float>& gains, const Box& at) {
    if (gains.height == at.height && gains.width == at.width) return gains;
    Planes<float> wide(gains.channels, at.height, at.width);
    for (int c = 0; c < wide.channels; ++c) {
        for (int y = 0; y < at.height; ++y) {
            std::fill_n(wide.row(c, y), at.width, *gains.row(c, 0));
        }
    }
    return wide;
}

}  // namespace

Planes<float> analysis_window(const Picture& picture, const Box& window) {
    Planes<float> x(3, kZStride * ceil_div(window.height, kZStride),
                    kZStride * ceil_div(window.width, kZStride));
    constexpr auto kScale = static_cast<float>(1.0 / 255.0);
    for (int y = 0; y < x.height; ++y) {
        const int from = window.y + std::min(y, window.height - 1);
        const std::uint8_t* const line =
            picture.pixels.data() +
            3 * static_cast<std::size_t>(from) * static_cast<std::size_t>(picture.width);
        for (int c = 0; c < 3; ++c) {
            float* const out = x.row(c, y);
            for (int at = 0; at < x.width; ++at) {
                const int column = window.x + std::min(at, window.width - 1);
                out[at] = static_cast<float>(line[3 * column + c]) * kScale;
            }
        }
    }
    return x;
}

Analysed crop_analysis(const std::vector<Planes<float>>& outputs, const Box& tile,
                       const Box& window, const Model& model) {
    const Box z = {0, 0, ceil_div(window.width, kZStride), ceil_div(window.height, kZStride)};
    const Planes<float>& z_hat = expect_output(outputs, 0, model.hyper, z.height, z.width);
    const Planes<float>& d = expect_output(outputs, 1, model.latent, 4 * z.height, 4 * z.width);
    const Box at = tile.within(window);
    Analysed analysed{whole_numbers(crop(z_hat, at.on_grid(kZStride))),
                      finite(crop(d, at.on_grid(kYStride))),
                      {}};
    if (model.adaptive) {
        const Planes<float>& says = expect_output(outputs, 2, 2, d.height, d.width);
        analysed.finer = finer_steps(finite(crop(says, at.on_grid(kYStride))));
    }
    return analysed;
}

SynthesisInputs synthesis_window(int index, const TileGrid& grid, int halo,
                                 const std::vector<Latents>& tiles) {
    const Box window = grid.tile(index).grown(halo, grid.picture()).on_grid(kZStride);
    const Box fine{4 * window.x, 4 * window.y, 4 * window.width, 4 * window.height};
    const std::vector<int> around = grid.around(index, halo);
    const Latents& own = tiles[static_cast<std::size_t>(index)];
    SynthesisInputs inputs{Planes<float>(own.z_hat.channels, window.height, window.width),
                           Planes<float>(own.r.channels, fine.height, fine.width),
                           own.inverse_gain,
                           {kZStride * window.x, kZStride * window.y, kZStride * window.width,
                            kZStride * window.height}};
    const bool mapped = std::any_of(around.begin(), around.end(), [&tiles](int i) {
        const Planes<float>& gains = tiles[static_cast<std::size_t>(i)].inverse_gain;
        return gains.height != 1 || gains.width != 1;
    });
    if (mapped) inputs.inverse_gain = Planes<float>(own.r.channels, fine.height, fine.width, 1.0F);
    for (const int i : around) {
        const Latents& part = tiles[static_cast<std::size_t>(i)];
        const Box y = grid.tile(i).on_grid(kYStride);
        paste(inputs.z_hat, window, part.z_hat, grid.tile(i).on_grid(kZStride));
        paste(inputs.r, fine, part.r, y);
        if (mapped) paste(inputs.inverse_gain, fine, spread(part.inverse_gain, y), y);
    }
    return inputs;
}

void paste_synthesis(const std::vector<Planes<float>>& outputs, const Box& tile, const Box& shown,
                     Picture& picture) {
    const Planes<float>& x_hat = expect_output(outputs, 0, 3, shown.height, shown.width);
    const Box at = tile.within(shown);
    for (int y = 0; y < tile.height; ++y) {
        std::uint8_t* out =
            picture.pixels.data() +
            3 * (static_cast<std::size_t>(tile.y + y) * static_cast<std::size_t>(picture.width) +
                 static_cast<std::size_t>(tile.x));
        for (int x = 0; x < tile.width; ++x) {
            for (int c = 0; c < 3; ++c) {
                const float level = std::nearbyint(x_hat.row(c, at.y + y)[at.x + x] * 255.0F);
                // The comparisons are false for NaN, which becomes 0.
                *out++ = static_cast<std::uint8_t>(level > 0.0F ? std::min(level, 255.0F) : 0.0F);
            }
        }
    }
}

}  // namespace example
