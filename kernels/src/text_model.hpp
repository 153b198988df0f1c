// The character model that is built in: a small net of whole numbers
// (docs/reference/format.md, 7.4).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "text_symbols.hpp"

namespace tcs {

/// What the net sees of a string.
struct TextContext {
    const std::uint8_t*
        before;  // symbols before, the last one at before[-1]; kPad before the first
    int length;  // characters of the string so far
    const Word* word;
};

/// How many symbols must lie before `TextContext::before`.
constexpr std::size_t kMaxDepth = 16;

/// Weights of the 80 symbols that may come, at most 65535 each, the largest at least 65535.
using SymbolWeights = std::array<std::uint32_t, kSymbols>;
void predict(const TextContext& context, SymbolWeights& weights);

/// Chance of a capital in 65536ths by state and style of the word, and how firm it is.
struct CasePrior {
    std::uint16_t chance;
    std::uint8_t firmness;
};
CasePrior case_prior(int state, int style);

}  // namespace tcs
