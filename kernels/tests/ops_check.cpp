// The sums of the integer engine, by the variant in use and by the plain one, beside sums made of
// weights in the order of the file.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "net_parts.hpp"
#include "ops.hpp"
#include "tcs/simd.hpp"
#include "tcs/status.hpp"

namespace {

using tcs::NetLayer;
using tcs::Ops;
using Sums = std::vector<std::int32_t>;

std::mt19937 random_numbers(1);
int failures = 0;

template <typename Element>
std::vector<Element> drawn(std::size_t count, int low, int high) {
    std::uniform_int_distribution<int> range(low, high);
    std::vector<Element> made(count);
    for (Element& value : made)
        value = static_cast<Element>(range(random_numbers));
    return made;
}

/// Largest magnitudes come first, where sums in 16 bits would break.
template <typename Element>
std::vector<Element> with_extremes(std::size_t count, int low, int high) {
    std::vector<Element> made = drawn<Element>(count, low, high);
    for (std::size_t i = 0; i < count / 2; ++i)
        made[i] = static_cast<Element>(i % 3 == 0 ? high : low);
    return made;
}

template <typename Values>
void expect(const char* what, const Ops& table, std::size_t count, const Values& came,
            const Values& expected) {
    if (came == expected) return;
    std::fprintf(stderr, "%s of %zu by %s: other results\n", what, count, table.name);
    ++failures;
}

NetLayer layer_of(tcs::NetOp op, std::size_t count, std::size_t outputs, bool wide) {
    NetLayer layer;
    layer.op = op;
    layer.cin = static_cast<int>(count);
    layer.cout = static_cast<int>(outputs);
    layer.wide_input = wide;
    layer.weight = with_extremes<std::int8_t>(count * outputs, -128, 127);
    layer.bias = drawn<std::int32_t>(outputs, -100000, 100000);
    layer.mult = Sums(outputs, 1);
    return layer;
}

/// The first `count` of each row of `stride`.
Sums cut(const Sums& sums, std::size_t stride, std::size_t count) {
    Sums made;
    for (std::size_t i = 0; i < sums.size(); ++i)
        if (i % stride < count) made.push_back(sums[i]);
    return made;
}

/// Rows as a table wants them: wider, and filled up to `length` with zeros.
template <typename Row, typename Element>
std::vector<Row> rows_as(const std::vector<Element>& a, std::size_t count, std::size_t length) {
    std::vector<Row> made(a.size() / count * length);
    for (std::size_t i = 0; i < a.size(); ++i)
        made[i / count * length + i % count] = static_cast<Row>(a[i]);
    return made;
}

template <typename Row, typename Element>
void check_dots(const Ops& table, NetLayer layer, const std::vector<Element>& a, std::size_t group,
                void (*run)(const tcs::DotsJob&)) {
    const std::size_t count = static_cast<std::size_t>(layer.cin);
    const std::size_t outputs = static_cast<std::size_t>(layer.cout), positions = a.size() / count;
    Sums expected;
    for (std::size_t i = 0; i < positions * outputs; ++i) {
        expected.push_back(layer.bias[i % outputs]);
        for (std::size_t k = 0; k < count; ++k)
            expected.back() +=
                std::int32_t{a[i / outputs * count + k]} * layer.weight[i % outputs * count + k];
    }
    tcs::order_layer(layer, table);
    const std::size_t groups = (count + group - 1) / group, stride = layer.mult.size();
    const std::vector<Row> rows = rows_as<Row>(a, count, groups * group);
    Sums sums(positions * stride);
    run({rows.data(), groups * group, positions, groups,
         (outputs + tcs::kDotBlock - 1) / tcs::kDotBlock, layer.weight.data(), layer.bias.data(),
         sums.data(), stride});
    expect("dots", table, count, cut(sums, stride, outputs), expected);
}

template <typename Element>
void check_taps(const Ops& table, NetLayer layer, const std::vector<Element>& a, std::size_t group,
                void (*run)(const tcs::TapsJob&)) {
    const std::size_t taps = static_cast<std::size_t>(layer.cin);
    const std::size_t channels = static_cast<std::size_t>(layer.cout);
    Sums expected = layer.bias;
    for (std::size_t i = 0; i < taps * channels; ++i)
        expected[i % channels] += std::int32_t{a[i]} * layer.weight[i];
    tcs::order_layer(layer, table);
    const std::size_t filled = layer.mult.size();
    const std::vector<Element> rows = rows_as<Element>(a, channels, filled);
    std::vector<const void*> each((taps + group - 1) / group * group, rows.data());
    for (std::size_t t = 0; t < taps; ++t)
        each[t] = rows.data() + t * filled;
    Sums sums(filled);
    run({each.data(), each.size(), filled, layer.weight.data(), layer.bias.data(), sums.data()});
    expect("taps", table, taps, cut(sums, filled, channels), expected);
}

template <typename Element>
void check_finish(const Ops& table, std::size_t count, std::size_t positions, int shift,
                  const std::vector<std::int16_t>& with,
                  void (*Ops::*finish)(const tcs::FinishJob&, Element*)) {
    const std::size_t stride = (count + tcs::kNetPad - 1) / tcs::kNetPad * tcs::kNetPad;
    const int most = shift < 19 ? 1 << (shift + 12) : 2147483647;  // results fit int32
    const Sums sums = drawn<std::int32_t>(positions * stride, -100000, 100000);
    const Sums mult = drawn<std::int32_t>(stride, 0, most);
    const std::int32_t least = sizeof(Element) == 1 ? 3 : -30000, greatest = least + 240;
    const tcs::FinishJob job{
        sums.data(), stride, positions, count,    mult.data(),
        shift,       -7,     least,     greatest, with.empty() ? nullptr : with.data()};
    const std::size_t behind = 5;  // what is not written stays as it is
    std::vector<Element> plain(positions * count + behind, Element{77}), made = plain;
    (tcs::kGenericOps.*finish)(job, plain.data());
    (table.*finish)(job, made.data());
    expect("finish", table, count, made, plain);
}

void check_products(const Ops& table, std::size_t count, std::size_t outputs) {
    const std::size_t positions = 1 + (count + outputs) % tcs::kDotPositions;
    const auto bytes = with_extremes<std::uint8_t>(positions * count, 0, 255);
    const auto wide = with_extremes<std::int16_t>(positions * count, -32767, 32767);
    const NetLayer of_bytes = layer_of(tcs::NetOp::conv, count, outputs, false);
    if (table.byte_group != 0)
        check_dots<std::uint8_t>(table, of_bytes, bytes, table.byte_group, table.dots);
    else
        check_dots<std::int16_t>(table, of_bytes, bytes, table.wide_group, table.wide_dots);
    check_dots<std::int16_t>(table, layer_of(tcs::NetOp::conv, count, outputs, true), wide,
                             table.wide_group, table.wide_dots);
    check_taps(table, layer_of(tcs::NetOp::depthwise, count, outputs, false),
               with_extremes<std::uint8_t>(count * outputs, 0, 255), table.tap_group, table.taps);
    check_taps(table, layer_of(tcs::NetOp::depthwise, count, outputs, true),
               with_extremes<std::int16_t>(count * outputs, -32767, 32767), 1, table.wide_taps);
}

void check_all(const Ops& table) {
    const std::size_t counts[] = {1, 4, 9, 15, 16, 17, 31, 32, 33, 64, 100, 128, 400};
    for (const std::size_t count : counts)
        for (std::size_t outputs = 1; outputs <= 37; ++outputs)
            check_products(table, count, outputs);
    for (std::size_t count = 1; count <= 70; ++count)
        for (int shift = 1; shift <= 32; ++shift) {
            const auto with = drawn<std::int16_t>(3 * count + tcs::kNetPad, -32767, 32767);
            check_finish(table, count, 3, shift, {}, &Ops::finish);
            check_finish(table, count, 3, shift, {}, &Ops::wide_finish);
            check_finish(table, count, 3, shift, with, &Ops::wide_finish);
        }
}

}  // namespace

int main() {
    try {
        std::printf("%s\n", tcs::simd_name().c_str());
    } catch (const tcs::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 77;  // skipped: not a variant of this processor
    }
    check_all(tcs::kGenericOps);
    check_all(tcs::ops());
    return failures == 0 ? 0 : 1;
}
