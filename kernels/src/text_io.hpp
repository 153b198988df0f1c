// Writing and reading of a text by one description: what is coded is said once (text_fields.hpp,
// text_strings.hpp), for a TextWriter, which is given every value, and for a TextReader, which is
// given none and returns them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "rans_coder.hpp"
#include "text_symbols.hpp"

namespace tcs {

/// How likely a bit is 1, learned as it goes.
struct Chance {
    static constexpr int kPrecision = 12;

    std::uint16_t value = 1 << 15;  // in 65536ths
    std::uint8_t firmness = 0;      // bits seen, or believed to have been seen, up to kFirmest

    Chance() = default;
    explicit Chance(int percent) : value(static_cast<std::uint16_t>((percent << 16) / 100)) {}

    Interval interval(bool bit) const noexcept;
    void learn(bool bit) noexcept;

private:
    static constexpr int kFirmest = 30;
};

/// Frequencies of the 80 symbols that may come.
struct Distribution {
    static constexpr int kPrecision = 12;

    std::array<std::uint16_t, kSymbols + 1> start;  // 0, increasing, 2^kPrecision

    Interval interval(int symbol) const noexcept;
};

class TextWriter {
public:
    bool bit(Chance& chance, bool value);
    /// 0..15 bits that are as likely 0 as 1.
    std::uint32_t raw(int bits, std::uint32_t value);
    int symbol(const Distribution& distribution, int value);
    std::vector<std::uint8_t> finish();

private:
    std::vector<Interval> symbols_;
};

class TextReader {
public:
    TextReader(const std::uint8_t* data, std::size_t size) : decoder_(data, size) {}

    bool bit(Chance& chance, bool = false);
    std::uint32_t raw(int bits, std::uint32_t = 0);
    int symbol(const Distribution& distribution, int = 0);
    /// Throws Error(corrupt) unless the data end here.
    void finish() const { decoder_.finish(); }

private:
    Decoder decoder_;
};

}  // namespace tcs
