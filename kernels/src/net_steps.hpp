// A step of a net's run down a picture, as the files of the engine share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "net_parts.hpp"
#include "tcs/net.hpp"
#include "team.hpp"

namespace tcs {

/// A step: `begin` units are done, `end` will be. Latents, d and text are of the units from
/// `origin` on.
struct NetStepRun {
    const Net& net;
    NetWorkspace& workspace;
    NetSize size;
    const AnalysisCall* analysis;
    const SynthesisCall* synthesis;
    int origin;
    int asked;  // units of d, text and pixels
    int given;  // units of latents
    int begin = 0;
    int end = 0;
    Share share{};  // of each layer

    std::size_t width_at(int level) const { return static_cast<std::size_t>(size.width >> level); }
    int first_row(const NetLayer& layer) const { return rows_at(layer, begin, size.height); }
    int last_row(const NetLayer& layer) const { return rows_at(layer, end, size.height); }

    /// What layer `index` writes; no data for -1.
    NetPlanes planes(int index) const;

    /// Its position at a row.
    std::int16_t* wide(int index, int row) const {
        const NetPlanes all = planes(index);
        return reinterpret_cast<std::int16_t*>(all.data) +
               static_cast<std::size_t>(row - all.first) * static_cast<std::size_t>(all.width) *
                   static_cast<std::size_t>(all.channels);
    }
};

int level_written(const NetLayer& layer);
int channels_written(const Net& net, const NetLayer& layer);

[[noreturn]] void fail_run(const std::string& message);

using NetStep = void (*)(const NetStepRun&, const NetLayer&, int);

// What a net takes and gives: layers from op 16 on, the last number is the layer's.
void take_z(const NetStepRun& run, const NetLayer& layer, int index);
void round_z(const NetStepRun& run, const NetLayer& layer, int index);
void give_d(const NetStepRun& run, const NetLayer& layer, int index);
void give_text(const NetStepRun& run, const NetLayer& layer, int index);
void take_r(const NetStepRun& run, const NetLayer& layer, int index);
void take_picture(const NetStepRun& run, const NetLayer& layer, int index);
void give_picture(const NetStepRun& run, const NetLayer& layer, int index);

}  // namespace tcs
