// Runs a net down a picture: step after step of some units of 64 rows, in each layer after layer.
#include <algorithm>
#include <cstring>

#include "net_steps.hpp"
#include "ops.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

constexpr int kMaxNetSide = 65536;
constexpr std::int64_t kMaxNetPixels = std::int64_t{1} << 28;
constexpr int kMaxNetThreads = 64;
constexpr std::size_t kSlack = 2 * kNetPad;  // vector code reads on behind the last element
constexpr int kStepPixels = 1 << 18;         // of the pixels of a step, if that is a unit or more

bool writes(const NetLayer& layer) {
    return layer.op <= NetOp::take_z || layer.op == NetOp::take_r ||
           layer.op == NetOp::take_picture;
}

void grow(std::vector<std::uint8_t>& data, std::size_t bytes) {
    if (data.size() >= bytes) return;
    data.reserve(bytes);  // resize() would take up to twice as much
    data.resize(bytes);
}

/// Makes room for the rows of a step behind those that are kept, which move to the front.
void make_room(const NetStepRun& run, std::size_t index) {
    const NetLayer& layer = run.net.layers[index];
    if (!writes(layer) || !layer.rows.needed) return;
    const std::size_t row = run.width_at(level_written(layer)) *
                            static_cast<std::size_t>(channels_written(run.net, layer)) *
                            (layer.wide ? 2 : 1);
    NetBuffer& own = run.workspace.layers[index];
    const int first = kept_at(layer, run.begin, run.size.height);
    const int made = run.first_row(layer) * layer.factor;
    const int last = run.last_row(layer) * layer.factor;
    const std::size_t bytes = static_cast<std::size_t>(last - first) * row + kSlack;
    std::vector<std::uint8_t>& data = layer.rows.carried ? own.data : run.workspace.slots[layer.to];
    if (made > first)
        std::memmove(data.data(), data.data() + static_cast<std::size_t>(first - own.first) * row,
                     static_cast<std::size_t>(made - first) * row);
    grow(data, bytes);
    own.first = first;
}

template <void (*Layer)(const LinearCall&, NetScratch&)>
void linear(const NetStepRun& run, const NetLayer& layer, int index) {
    LinearCall call{};
    call.layer = &layer;
    call.in = run.planes(layer.rows.from);
    call.out = run.planes(index);
    call.with = run.planes(layer.rows.with);
    call.first = run.first_row(layer);
    call.last = run.last_row(layer);
    call.share = run.share;
    Layer(call, run.workspace.scratch[static_cast<std::size_t>(run.share.index)]);
}

NetStep step_of(NetOp op) {
    static constexpr NetStep between[] = {linear<run_conv>, linear<run_depthwise>,
                                          linear<run_requantise>};
    static constexpr NetStep ends[] = {take_z, round_z,      give_d,      give_text,
                                       take_r, take_picture, give_picture};
    const int number = static_cast<int>(op);
    return number < 16 ? between[number] : ends[number - 16];
}

/// Step n of those of all layers, before each of which room is made for it.
void one_step(const NetStepRun& run, int n) {
    const int layers = static_cast<int>(run.net.layers.size());
    if (n == 0 && run.share.index == 0)
        for (std::size_t i = 0; i < run.net.layers.size(); ++i)
            make_room(run, i);
    if (n == 0 || n > layers) return;
    const NetLayer& layer = run.net.layers[static_cast<std::size_t>(n - 1)];
    if (run.first_row(layer) < run.last_row(layer)) step_of(layer.op)(run, layer, n - 1);
}

void require_size(NetSize size) {
    const auto fits = [](int side) {
        return side >= kNetUnit && side <= kMaxNetSide && side % kNetUnit == 0;
    };
    if (!fits(size.height) || !fits(size.width) ||
        std::int64_t{size.height} * size.width > kMaxNetPixels)
        fail_run("expected sides that are multiples of 64 with at most 2^28 pixels, got " +
                 std::to_string(size.height) + " x " + std::to_string(size.width));
}

void require_within(NetSize size, int height, int width) {
    if (height < 1 || height > size.height || width < 1 || width > size.width)
        fail_run("expected pixels of at most " + std::to_string(size.height) + " x " +
                 std::to_string(size.width) + ", got " + std::to_string(height) + " x " +
                 std::to_string(width));
}

}  // namespace

NetRun::NetRun(const Net& net, NetWorkspace& workspace, NetSize size)
    : net_(net), workspace_(workspace), size_(size) {
    require_size(size);
    workspace.layers.resize(net.layers.size());
    for (NetBuffer& buffer : workspace.layers)
        buffer.first = 0;
}

void NetRun::require(NetRole role, int units) const {
    static const char* const names[] = {"", "analysis", "synthesis"};
    if (net_.role != role)
        fail_run(std::string("expected a net of the role ") + names[static_cast<int>(role)] +
                 ", got one of the role " + names[static_cast<int>(net_.role)]);
    if (units < 1 || units > all() - done_)
        fail_run("expected 1.." + std::to_string(all() - done_) +
                 " units of 64 rows that are left, " + "got " + std::to_string(units));
}

void NetRun::advance(int units, const AnalysisCall* analysis, const SynthesisCall* synthesis) {
    const int origin = done_, last = done_ + units;
    const int given = synthesis == nullptr ? 0 : synthesis->units;
    const NetStepRun whole{net_, workspace_, size_, analysis, synthesis, origin, units, given};
    const int step = std::max(1, kStepPixels / (kNetUnit * size_.width));
    const int steps = (units + step - 1) / step;
    const int parts = static_cast<int>(net_.layers.size()) + 1;
    const int threads = std::clamp(workspace_.threads, 1, kMaxNetThreads);
    if (workspace_.scratch.size() < static_cast<std::size_t>(threads))
        workspace_.scratch.resize(static_cast<std::size_t>(threads));
    done_ = all();  // what throws ends the run
    run_together(threads, steps * parts, [&](int n, Share share) {
        NetStepRun mine = whole;
        mine.share = share;
        mine.begin = origin + n / parts * step;
        mine.end = std::min(last, mine.begin + step);
        one_step(mine, n % parts);
    });
    done_ = last;
}

void NetRun::analyse(int units, const AnalysisCall& call) {
    require(NetRole::analysis, units);
    require_within(size_, call.pixels.height, call.pixels.width);
    advance(units, &call, nullptr);
}

void NetRun::synthesise(int units, const SynthesisCall& call) {
    require(NetRole::synthesis, units);
    require_within(size_, call.shown.height, call.shown.width);
    if (call.units < wanted(units) - done_)
        fail_run("expected latents of " + std::to_string(wanted(units) - done_) + " units, got " +
                 std::to_string(call.units));
    advance(units, nullptr, &call);
}

void analyse(const Net& net, NetWorkspace& workspace, NetSize size, const AnalysisCall& call) {
    NetRun run(net, workspace, size);
    run.analyse(run.all(), call);
}

void synthesise(const Net& net, NetWorkspace& workspace, NetSize size, const SynthesisCall& call) {
    NetRun run(net, workspace, size);
    SynthesisCall all = call;
    all.units = run.all();
    run.synthesise(run.all(), all);
}

}  // namespace tcs
