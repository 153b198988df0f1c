// Arithmetic of GF(256) with the polynomial 0x11D, in which 2 makes all other numbers but 0.
#pragma once

#include <array>
#include <cstdint>

namespace tcs {

struct Gf256 {
    std::array<std::uint8_t, 510> power{};  // of 2; twice, so that sums of logarithms need no mod
    std::array<std::uint8_t, 256> log{};    // log[0] means nothing

    constexpr Gf256() {
        unsigned value = 1;
        for (unsigned i = 0; i < 255; ++i) {
            power[i] = power[i + 255] = static_cast<std::uint8_t>(value);
            log[value] = static_cast<std::uint8_t>(i);
            value = value << 1U ^ (value >= 128 ? 0x11DU : 0U);
        }
    }

    constexpr std::uint8_t times(std::uint8_t a, std::uint8_t b) const {
        return a == 0 || b == 0 ? std::uint8_t{0} : power[static_cast<unsigned>(log[a]) + log[b]];
    }

    // REQUIRES: b is not 0.
    constexpr std::uint8_t over(std::uint8_t a, std::uint8_t b) const {
        return a == 0 ? std::uint8_t{0} : power[static_cast<unsigned>(log[a]) + 255 - log[b]];
    }
};

inline constexpr Gf256 kGf256{};

}  // namespace tcs
