// Layers between slots: a few positions at a time are brought to the sums of ops.hpp, and from
// there to where they go.
#include <algorithm>
#include <cstring>

#include "net_parts.hpp"
#include "ops.hpp"

namespace tcs {
namespace {

template <typename T>
T* room(std::vector<T>& buffer, std::size_t count) {
    if (buffer.size() < count) buffer.resize(count);
    return buffer.data();
}

/// The place in a row of `side` elements of one that may lie beyond its ends; -1: the border value.
int place_of(int at, int side, bool replicate) {
    if (at >= 0 && at < side) return at;
    return replicate ? std::clamp(at, 0, side - 1) : -1;
}

/// Positions of a layer's result before depth-to-space, in reading order, counted from the first
/// row of the picture on.
struct Positions {
    std::size_t width;
    std::size_t first;
    std::size_t last;

    explicit Positions(const LinearCall& call)
        : width(static_cast<std::size_t>(call.in.width / call.layer->stride)) {
        const std::size_t above = width * static_cast<std::size_t>(call.first);
        const std::size_t count = width * static_cast<std::size_t>(call.last - call.first);
        first = above + call.share.begin(count);
        last = above + call.share.end(count);
    }
    int y(std::size_t p) const { return static_cast<int>(p / width); }
    int x(std::size_t p) const { return static_cast<int>(p % width); }
};

/// The elements of position p of a grid without depth-to-space.
template <typename Element>
Element* at(const NetPlanes& planes, std::size_t p) {
    const std::size_t above =
        static_cast<std::size_t>(planes.first) * static_cast<std::size_t>(planes.width);
    return reinterpret_cast<Element*>(planes.data) +
           (p - above) * static_cast<std::size_t>(planes.channels);
}

/// The elements of what is read at (row, column), or null beyond a border that has a value.
template <typename Element>
const Element* source(const LinearCall& call, int row, int column) {
    const int y = place_of(row, call.in.height, call.layer->replicate);
    const int x = place_of(column, call.in.width, call.layer->replicate);
    if (y < 0 || x < 0) return nullptr;
    return at<const Element>(call.in,
                             static_cast<std::size_t>(y) * static_cast<std::size_t>(call.in.width) +
                                 static_cast<std::size_t>(x));
}

/// What a filter sees from (row, column) on: (kernel, kernel, channels).
template <typename From, typename To>
void gather(const LinearCall& call, int row, int column, To* to) {
    const int kernel = call.layer->kernel;
    const std::size_t channels = static_cast<std::size_t>(call.in.channels);
    const bool inside = column >= 0 && column + kernel <= call.in.width;
    const std::size_t together = inside ? channels * static_cast<std::size_t>(kernel) : channels;
    for (int ky = 0; ky < kernel; ++ky) {
        for (int kx = 0; kx < kernel; kx += inside ? kernel : 1, to += together) {
            const From* const from = source<From>(call, row + ky, column + kx);
            if (from == nullptr)
                std::fill_n(to, together, static_cast<To>(call.layer->border));
            else
                std::copy_n(from, together, to);
        }
    }
}

/// The values of one position behind depth-to-space: `factor` runs, rows apart.
struct Runs {
    std::size_t count, length, step, row, column;

    Runs(const LinearCall& call, const Positions& all, std::size_t p) {
        const std::size_t channels = static_cast<std::size_t>(call.out.channels);
        count = static_cast<std::size_t>(call.layer->factor);
        length = count * channels;
        step = static_cast<std::size_t>(call.out.width) * channels;
        row = p / all.width * count;
        column = p % all.width * length;
    }

    template <typename Element>
    Element* in(const NetPlanes& planes) const {
        return reinterpret_cast<Element*>(planes.data) +
               (row - static_cast<std::size_t>(planes.first)) * step + column;
    }
};

void finish(const FinishJob& job, std::uint8_t* out) {
    ops().finish(job, out);
}

void finish(const FinishJob& job, std::int16_t* out) {
    ops().wide_finish(job, out);
}

/// One position behind depth-to-space.
template <typename Element>
void scatter(const LinearCall& call, FinishJob job, const Runs& runs, NetScratch& scratch) {
    Element* const values = reinterpret_cast<Element*>(room(scratch.values, job.count));
    if (call.with.data != nullptr) {
        std::int16_t* const with = room(scratch.with, job.count + kNetPad);
        const std::int16_t* const added = runs.in<const std::int16_t>(call.with);
        for (std::size_t i = 0; i < runs.count; ++i)
            std::copy_n(added + i * runs.step, runs.length, with + i * runs.length);
        job.with = with;
    }
    finish(job, values);
    Element* const out = runs.in<Element>(call.out);
    for (std::size_t i = 0; i < runs.count; ++i)
        std::copy_n(values + i * runs.length, runs.length, out + i * runs.step);
}

/// Brings the sums of `count` positions from p on to the grid of the output and stores them.
template <typename Element>
void put(const LinearCall& call, const Positions& all, std::size_t p, std::size_t count,
         NetScratch& scratch) {
    const NetLayer& layer = *call.layer;
    const std::size_t outputs = static_cast<std::size_t>(layer.cout);
    FinishJob job{scratch.sums.data(), layer.mult.size(), count,     outputs,    layer.mult.data(),
                  layer.shift,         layer.zero,        layer.low, layer.high, nullptr};
    if (layer.factor == 1) {
        if (call.with.data != nullptr) job.with = at<const std::int16_t>(call.with, p);
        return finish(job, at<Element>(call.out, p));
    }
    job.positions = 1;
    for (std::size_t i = 0; i < count; ++i, job.sums += job.sums_stride)
        scatter<Element>(call, job, Runs(call, all, p + i), scratch);
}

/// `sum(p, count)` makes the sums of `count` positions from p on.
template <typename Sum>
void each(const LinearCall& call, NetScratch& scratch, std::size_t at_once, const Sum& sum) {
    const Positions all(call);
    room(scratch.sums, at_once * call.layer->mult.size());
    for (std::size_t p = all.first; p < all.last; p += at_once) {
        const std::size_t count = std::min(at_once, all.last - p);
        sum(all, p, count);
        call.layer->wide ? put<std::int16_t>(call, all, p, count, scratch)
                         : put<std::uint8_t>(call, all, p, count, scratch);
    }
}

/// Dot products of rows of `Row`, made of slots of `From`. Rows that lie in the slot as they are
/// wanted are taken from there.
template <typename From, typename Row>
void dots(const LinearCall& call, NetScratch& scratch, std::size_t group,
          void (*run)(const DotsJob&)) {
    const NetLayer& layer = *call.layer;
    const std::size_t count = static_cast<std::size_t>(layer.kernel * layer.kernel * layer.cin);
    const std::size_t groups = (count + group - 1) / group, length = groups * group;
    const bool direct =
        sizeof(From) == sizeof(Row) && layer.kernel == 1 && layer.stride == 1 && length == count;
    Row* const rows = reinterpret_cast<Row*>(room(scratch.rows, kDotPositions * length));
    DotsJob job{rows,
                length,
                0,
                groups,
                (static_cast<std::size_t>(layer.cout) + kDotBlock - 1) / kDotBlock,
                layer.weight.data(),
                layer.bias.data(),
                nullptr,
                layer.mult.size()};
    each(call, scratch, kDotPositions, [&](const Positions& all, std::size_t p, std::size_t n) {
        if (direct) job.rows = at<const Row>(call.in, p);
        for (std::size_t i = 0; i < n && !direct; ++i) {
            gather<From>(call, all.y(p + i) * layer.stride - layer.pad,
                         all.x(p + i) * layer.stride - layer.pad, rows + i * length);
            std::fill_n(rows + i * length + count, length - count, Row{0});
        }
        job.positions = n;
        job.sums = scratch.sums.data();
        run(job);
    });
}

/// Depthwise sums. Taps beyond the border see its value.
template <typename Element>
void taps(const LinearCall& call, NetScratch& scratch, std::size_t group,
          void (*run)(const TapsJob&)) {
    const NetLayer& layer = *call.layer;
    const std::size_t channels = layer.mult.size();
    const std::size_t count = static_cast<std::size_t>(layer.kernel * layer.kernel);
    const std::size_t length = (count + group - 1) / group * group;
    Element* const border =
        reinterpret_cast<Element*>(room(scratch.border, channels * sizeof(Element)));
    std::fill_n(border, channels, static_cast<Element>(layer.border));
    const void** const rows = room(scratch.taps, length);
    std::fill_n(rows, length, border);
    each(call, scratch, 1, [&](const Positions& all, std::size_t p, std::size_t) {
        const int y = all.y(p) * layer.stride - layer.pad;
        const int x = all.x(p) * layer.stride - layer.pad;
        const void** row = rows;
        for (int ky = 0; ky < layer.kernel; ++ky)
            for (int kx = 0; kx < layer.kernel; ++kx) {
                const Element* const from = source<Element>(call, y + ky, x + kx);
                *row++ = from == nullptr ? border : from;
            }
        run({rows, length, channels, layer.weight.data(), layer.bias.data(), scratch.sums.data()});
    });
}

template <typename Element>
void elements(const LinearCall& call, NetScratch& scratch) {
    const std::size_t channels = static_cast<std::size_t>(call.layer->cin);
    each(call, scratch, kDotPositions, [&](const Positions&, std::size_t p, std::size_t n) {
        const Element* const in = at<const Element>(call.in, p);
        for (std::size_t i = 0; i < n; ++i)
            std::copy_n(in + i * channels, channels,
                        scratch.sums.data() + i * call.layer->mult.size());
    });
}

}  // namespace

void run_conv(const LinearCall& call, NetScratch& scratch) {
    const Ops& best = ops();
    if (call.layer->wide_input)
        dots<std::int16_t, std::int16_t>(call, scratch, best.wide_group, best.wide_dots);
    else if (best.byte_group == 0)
        dots<std::uint8_t, std::int16_t>(call, scratch, best.wide_group, best.wide_dots);
    else
        dots<std::uint8_t, std::uint8_t>(call, scratch, best.byte_group, best.dots);
}

void run_depthwise(const LinearCall& call, NetScratch& scratch) {
    if (call.layer->wide_input)
        taps<std::int16_t>(call, scratch, 1, ops().wide_taps);
    else
        taps<std::uint8_t>(call, scratch, ops().tap_group, ops().taps);
}

void run_requantise(const LinearCall& call, NetScratch& scratch) {
    call.layer->wide_input ? elements<std::int16_t>(call, scratch)
                           : elements<std::uint8_t>(call, scratch);
}

}  // namespace tcs
