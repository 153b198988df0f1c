#include "text_io.hpp"

#include <algorithm>

namespace tcs {

Interval Chance::interval(bool bit) const noexcept {
    constexpr int total = 1 << kPrecision;
    const int one = std::min(std::max(value >> (16 - kPrecision), 1), total - 1);
    const int start = bit ? 0 : one;
    const int freq = bit ? one : total - one;
    return {static_cast<std::uint16_t>(start), static_cast<std::uint16_t>(freq), kPrecision};
}

void Chance::learn(bool bit) noexcept {
    const std::uint32_t divisor = firmness + 2U;
    const std::uint32_t old = value;
    const std::uint32_t now = bit ? old + (65535 - old) / divisor : old - old / divisor;
    value = static_cast<std::uint16_t>(now);
    if (firmness < kFirmest) ++firmness;
}

Interval Distribution::interval(int symbol) const noexcept {
    const auto n = static_cast<std::size_t>(symbol);
    return {start[n], static_cast<std::uint16_t>(start[n + 1] - start[n]), kPrecision};
}

bool TextWriter::bit(Chance& chance, bool value) {
    symbols_.push_back(chance.interval(value));
    chance.learn(value);
    return value;
}

std::uint32_t TextWriter::raw(int bits, std::uint32_t value) {
    symbols_.push_back({static_cast<std::uint16_t>(value), 1, static_cast<std::uint8_t>(bits)});
    return value;
}

int TextWriter::symbol(const Distribution& distribution, int value) {
    symbols_.push_back(distribution.interval(value));
    return value;
}

std::vector<std::uint8_t> TextWriter::finish() {
    Encoder encoder(symbols_.size());
    encoder.intervals(symbols_);
    return encoder.finish({});
}

bool TextReader::bit(Chance& chance, bool) {
    const Interval one = chance.interval(true);
    const bool value = decoder_.slot(one.precision) < one.freq;
    decoder_.take(chance.interval(value));
    chance.learn(value);
    return value;
}

std::uint32_t TextReader::raw(int bits, std::uint32_t) {
    return decoder_.bypass(bits);
}

int TextReader::symbol(const Distribution& distribution, int) {
    const std::uint32_t slot = decoder_.slot(Distribution::kPrecision);
    const auto& start = distribution.start;
    const auto above = std::upper_bound(start.begin(), start.end(), slot);
    const int value = static_cast<int>(above - start.begin()) - 1;
    decoder_.take(distribution.interval(value));
    return value;
}

}  // namespace tcs
