#include "symbols.hpp"

#include <string>

#include "tcs/status.hpp"

namespace tcs {
namespace {

// hi fits int16, so that m = n + 1 <= 65506 and k <= 15.
constexpr int kMostZeros = 15;

void push_escape(int hi, std::vector<Bypass>& bypass) {
    const unsigned m = static_cast<unsigned>(hi > 0 ? 2 * (hi - 16) : 2 * (-16 - hi) + 1) + 1;
    int k = 0;
    while (m >> (k + 1) != 0) {
        bypass.push_back({0, 1});
        ++k;
    }
    bypass.push_back({1, 1});
    if (k > 0)
        bypass.push_back(
            {static_cast<std::uint16_t>(m & ((1U << k) - 1)), static_cast<std::uint8_t>(k)});
}

int take_escape(Decoder& decoder) {
    int k = 0;
    while (decoder.bypass(1) == 0) {
        if (++k > kMostZeros)
            throw Error(ErrorCode::corrupt,
                        "entropy-coded data is damaged: an escape code of more than 31 bits");
    }
    const int n = static_cast<int>((1U << k) + decoder.bypass(k)) - 1;
    return n % 2 == 0 ? 16 + n / 2 : -16 - n / 2;
}

}  // namespace

void split_symbols(const std::int16_t* values, const std::uint8_t* rows, std::size_t count,
                   const std::uint8_t* shift, std::uint8_t* entries, std::vector<Bypass>& bypass) {
    for (std::size_t n = 0; n < count; ++n) {
        const int s = shift[rows[n]];
        const int hi = values[n] >> s;  // arithmetic: the floor
        const int entry = entry_of(hi);
        entries[n] = static_cast<std::uint8_t>(entry);
        if (entry == kEscape) push_escape(hi, bypass);
        if (s != 0)
            bypass.push_back({static_cast<std::uint16_t>(values[n] & ((1 << s) - 1)),
                              static_cast<std::uint8_t>(s)});
    }
}

void join_symbols(Decoder& decoder, const std::uint8_t* entries, const std::uint8_t* rows,
                  std::size_t count, const std::uint8_t* shift, std::int16_t* values) {
    for (std::size_t n = 0; n < count; ++n) {
        const int s = shift[rows[n]];
        int value = entries[n] - kMostHi;
        if (entries[n] == kEscape || s != 0) {
            if (entries[n] == kEscape) value = take_escape(decoder);
            // |hi| < 2^15 + 16 and s <= 15: no overflow.
            value = value * (1 << s) + static_cast<int>(decoder.bypass(s));
            if (value < -32768 || value > 32767)
                throw Error(ErrorCode::corrupt, "entropy-coded data is damaged: a value of " +
                                                    std::to_string(value) + " leaves int16");
        }
        values[n] = static_cast<std::int16_t>(value);
    }
}

}  // namespace tcs
