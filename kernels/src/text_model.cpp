#include "text_model.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <vector>

#include "text_model_data.hpp"

namespace tcs {
namespace {

constexpr std::size_t kSymbolCount = kSymbols;
constexpr std::size_t kLengths = 16;
constexpr std::size_t kContexts = Word::kStates * Word::kStyles;
constexpr std::size_t kFlags = Word::kStates + Word::kStyles + kLengths;
constexpr int kFlagScale = 64;  // a flag is an input of 1, in 64ths

// The file, field by field: text_model.bin is ours, so that a wrong size is a defect of the build.
class Fields {
public:
    const std::int8_t* bytes(std::size_t count) {
        const auto* const start = reinterpret_cast<const std::int8_t*>(file_.data) + at_;
        at_ += count;
        return start;
    }
    std::uint32_t number(std::size_t count) {
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < count; ++i)
            value |= std::uint32_t{file_.data[at_ + i]} << (8 * i);
        at_ += count;
        return value;
    }
    std::vector<std::int32_t> biases(std::size_t count) {
        std::vector<std::int32_t> values(count);
        for (std::int32_t& value : values)
            value = static_cast<std::int32_t>(number(4));
        return values;
    }
    bool done() const { return at_ == file_.size; }

private:
    TextModelBytes file_ = text_model_bytes();
    std::size_t at_ = 0;
};

struct Net {
    std::size_t depth, embedding, first, second;
    const std::int8_t* embeddings;  // (81, embedding)
    const std::int8_t* first_rows;  // (first, depth * embedding)
    const std::int8_t* flag_rows;   // (29, first)
    std::vector<std::int32_t> first_bias;
    const std::int8_t* second_rows;  // (second, first)
    std::vector<std::int32_t> second_bias;
    const std::int8_t* last_rows;  // (80, second)
    std::vector<std::int32_t> last_bias;
    std::array<std::uint16_t, 256> powers;  // 2^16 * 2^(-i / 256), at most 65535
    std::array<CasePrior, kContexts> cases;
};

Net open_net() {
    Fields fields;
    Net net{};
    net.depth = fields.number(2);
    net.embedding = fields.number(2);
    net.first = fields.number(2);
    net.second = fields.number(2);
    net.embeddings = fields.bytes((kSymbolCount + 1) * net.embedding);
    net.first_rows = fields.bytes(net.first * net.depth * net.embedding);
    net.flag_rows = fields.bytes(kFlags * net.first);
    net.first_bias = fields.biases(net.first);
    net.second_rows = fields.bytes(net.second * net.first);
    net.second_bias = fields.biases(net.second);
    net.last_rows = fields.bytes(kSymbolCount * net.second);
    net.last_bias = fields.biases(kSymbolCount);
    for (std::uint16_t& power : net.powers)
        power = static_cast<std::uint16_t>(fields.number(2));
    for (CasePrior& prior : net.cases) {
        prior.chance = static_cast<std::uint16_t>(fields.number(2));
        prior.firmness = static_cast<std::uint8_t>(fields.number(1));
    }
    assert(fields.done() && net.depth <= kMaxDepth);
    return net;
}

const Net& net() {
    static const Net opened = open_net();
    return opened;
}

// Inputs are at most 255 in size and weights 127, and rows shorter than 2^15: no sum overflows.
std::int32_t dot(const std::int8_t* weights, const std::int16_t* inputs, std::size_t count) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < count; ++i)
        sum += std::int32_t{weights[i]} * inputs[i];
    return sum;
}

std::int16_t activated(std::int32_t sum, int shift) {
    const std::int32_t rounded = (std::max(sum, 0) + (1 << (shift - 1))) >> shift;
    return static_cast<std::int16_t>(std::min(rounded, 255));
}

std::vector<std::int16_t> first_layer(const Net& n, const TextContext& context) {
    std::vector<std::int16_t> inputs(n.depth * n.embedding);
    for (std::size_t i = 0; i < n.depth; ++i) {
        const std::int8_t* const row = n.embeddings + n.embedding * *(context.before - n.depth + i);
        std::copy(row, row + n.embedding, inputs.data() + i * n.embedding);
    }
    const std::size_t flags[] = {
        static_cast<std::size_t>(context.word->state()),
        static_cast<std::size_t>(Word::kStates + context.word->style()),
        static_cast<std::size_t>(Word::kStates + Word::kStyles) +
            std::min(static_cast<std::size_t>(context.length), kLengths - 1)};
    std::vector<std::int16_t> outputs(n.first);
    for (std::size_t unit = 0; unit < n.first; ++unit) {
        std::int32_t sum = n.first_bias[unit] +
                           dot(n.first_rows + unit * inputs.size(), inputs.data(), inputs.size());
        for (const std::size_t flag : flags)
            sum += kFlagScale * n.flag_rows[flag * n.first + unit];
        outputs[unit] = activated(sum, 7);
    }
    return outputs;
}

}  // namespace

void predict(const TextContext& context, SymbolWeights& weights) {
    const Net& n = net();
    const std::vector<std::int16_t> first = first_layer(n, context);
    std::vector<std::int16_t> second(n.second);
    for (std::size_t unit = 0; unit < n.second; ++unit) {
        second[unit] = activated(
            n.second_bias[unit] + dot(n.second_rows + unit * n.first, first.data(), n.first), 6);
    }
    std::array<std::int32_t, kSymbolCount> logits;
    for (std::size_t symbol = 0; symbol < kSymbolCount; ++symbol) {
        logits[symbol] =
            n.last_bias[symbol] + dot(n.last_rows + symbol * n.second, second.data(), n.second);
    }
    const std::int32_t top = *std::max_element(logits.begin(), logits.end());
    for (std::size_t symbol = 0; symbol < kSymbolCount; ++symbol) {
        const auto down = static_cast<std::uint32_t>(top - logits[symbol]) >> 2;
        weights[symbol] = down >> 8 > 16 ? 0U : std::uint32_t{n.powers[down & 255U]} >> (down >> 8);
    }
}

CasePrior case_prior(int state, int style) {
    return net().cases[static_cast<std::size_t>(state * Word::kStyles + style)];
}

}  // namespace tcs
