// The order in which the vector code of this processor takes a layer's numbers; made when a net is
// opened, the file knows nothing of it.
//
// Outputs of depth-to-space come by part first, channel second: what one position gives to a row of
// the result then lies together.
#include <algorithm>

#include "net_parts.hpp"
#include "ops.hpp"

namespace tcs {
namespace {

std::size_t filled_up(std::size_t count, std::size_t unit) {
    return (count + unit - 1) / unit * unit;
}

/// The output of the file that stands at place n.
std::size_t output_at(const NetLayer& layer, std::size_t n) {
    const std::size_t parts = static_cast<std::size_t>(layer.factor * layer.factor);
    const std::size_t channels = static_cast<std::size_t>(layer.cout) / parts;
    return n % channels * parts + n / channels;
}

void order_numbers(std::vector<std::int32_t>& numbers, const NetLayer& layer) {
    if (numbers.empty()) return;
    std::vector<std::int32_t> made(filled_up(numbers.size(), kNetPad));
    for (std::size_t n = 0; n < numbers.size(); ++n)
        made[n] = numbers[output_at(layer, n)];
    numbers = std::move(made);
}

/// [block][group][kDotBlock][element of the group]
void order_dots(NetLayer& layer, std::size_t group) {
    const std::size_t outputs = static_cast<std::size_t>(layer.cout);
    const std::size_t count = layer.weight.size() / outputs;
    const std::size_t length = filled_up(count, group);
    std::vector<std::int8_t> made(filled_up(outputs, kDotBlock) * length);
    for (std::size_t n = 0; n < outputs; ++n) {
        const std::int8_t* const row = layer.weight.data() + output_at(layer, n) * count;
        std::int8_t* const block = made.data() + n / kDotBlock * length * kDotBlock;
        for (std::size_t i = 0; i < count; ++i)
            block[(i / group * kDotBlock + n % kDotBlock) * group + i % group] = row[i];
    }
    layer.weight = std::move(made);
}

/// Where channel c of tap t stands. In groups of four taps, sixteen channels of each half of a
/// register of 32 bytes meet four at a time, as its instructions interleave them:
/// [taps / 4][channels / 32][c / 4 % 4][c / 16 % 2][c % 4][t % 4].
std::size_t tap_place(std::size_t t, std::size_t c, std::size_t channels, std::size_t group) {
    if (group == 1) return t * channels + c;
    const std::size_t place = c % 16 / 4 * 8 + c % 32 / 16 * 4 + c % 4;
    return (t / 4 * channels + c / 32 * 32 + place) * 4 + t % 4;
}

void order_taps(NetLayer& layer, std::size_t group) {
    const std::size_t outputs = static_cast<std::size_t>(layer.cout);
    const std::size_t channels = filled_up(outputs, kNetPad);
    const std::size_t taps = layer.weight.size() / outputs;
    std::vector<std::int8_t> made(channels * filled_up(taps, group));
    for (std::size_t t = 0; t < taps; ++t)
        for (std::size_t c = 0; c < outputs; ++c)
            made[tap_place(t, c, channels, group)] = layer.weight[t * outputs + c];
    layer.weight = std::move(made);
}

}  // namespace

void order_layer(NetLayer& layer, const Ops& table) {
    const bool wide = layer.wide_input || table.byte_group == 0;
    if (layer.op == NetOp::conv) order_dots(layer, wide ? table.wide_group : table.byte_group);
    if (layer.op == NetOp::depthwise) order_taps(layer, layer.wide_input ? 1 : table.tap_group);
    order_numbers(layer.bias, layer);
    order_numbers(layer.mult, layer);
}

}  // namespace tcs
