#include "text_history.hpp"

#include <algorithm>
#include <array>

namespace tcs {
namespace {

constexpr std::size_t kLeast = 2;   // symbols that must be the same
constexpr std::size_t kMost = 8;    // and at most count
constexpr std::size_t kFinds = 64;  // positions looked at, the latest first
constexpr int kOneBits = 24;        // chances are in 2^-24
constexpr std::uint64_t kOne = 1 << kOneBits;
// How firm the chances from one symbol less are against one find, in 16ths, by equal symbols.
constexpr std::uint64_t kFirmness[kMost + 1] = {0, 0, 400, 160, 64, 32, 20, 12, 8};

using Chances = std::array<std::uint64_t, kSymbols>;

// Frequencies of a sum of 2^kPrecision, each at least 1; what rounding leaves goes to the largest.
void spread(const Chances& chances, Distribution& mixed) {
    constexpr std::uint32_t total = 1 << Distribution::kPrecision;
    std::uint64_t sum = 0;
    for (const std::uint64_t chance : chances)
        sum += chance;
    std::array<std::uint32_t, kSymbols> freq;
    std::uint32_t left = total;
    for (std::size_t s = 0; s < freq.size(); ++s) {
        freq[s] = 1 + static_cast<std::uint32_t>(chances[s] * (total - kSymbols) / sum);
        left -= freq[s];
    }
    *std::max_element(freq.begin(), freq.end()) += left;
    mixed.start[0] = 0;
    for (std::size_t s = 0; s < freq.size(); ++s)
        mixed.start[s + 1] = static_cast<std::uint16_t>(mixed.start[s] + freq[s]);
}

}  // namespace

History::History() : last_(kSymbols * kSymbols) {}

std::size_t History::pair() const noexcept {
    const std::size_t n = symbols_.size();
    return symbols_[n - 2] * std::size_t{kSymbols} + symbols_[n - 1];
}

void History::mix(const SymbolWeights& expected, Distribution& mixed) const {
    std::uint64_t sum = 0;
    for (const std::uint32_t weight : expected)
        sum += weight;
    Chances chances;
    for (std::size_t s = 0; s < chances.size(); ++s)
        chances[s] = expected[s] * kOne / sum;

    // What followed on each find, by how many symbols before are the same.
    std::array<std::array<std::uint8_t, kSymbols>, kMost + 1> follows{};
    std::array<std::uint32_t, kMost + 1> finds{};
    const std::size_t here = symbols_.size();
    std::uint32_t find = here < kLeast ? 0 : last_[pair()];
    for (std::size_t n = 0; n < kFinds && find != 0; ++n, find = before_[find]) {
        std::size_t same = kLeast;
        while (same < kMost && same < find &&
               symbols_[find - same - 1] == symbols_[here - same - 1])
            ++same;
        for (std::size_t order = kLeast; order <= same; ++order) {
            ++follows[order][symbols_[find]];
            ++finds[order];
        }
    }
    for (std::size_t order = kLeast; order <= kMost && finds[order] != 0; ++order) {
        const std::uint64_t firm = kFirmness[order];
        for (std::size_t s = 0; s < chances.size(); ++s) {
            chances[s] =
                (chances[s] * firm + follows[order][s] * 16 * kOne) / (firm + 16 * finds[order]);
        }
    }
    spread(chances, mixed);
}

void History::push(int symbol) {
    if (symbols_.size() >= kLeast) {
        // A position can be found once its symbol is known.
        std::uint32_t& last = last_[pair()];
        before_.resize(symbols_.size() + 1);
        before_[symbols_.size()] = last;
        last = static_cast<std::uint32_t>(symbols_.size());
    }
    symbols_.push_back(static_cast<std::uint8_t>(symbol));
}

}  // namespace tcs
