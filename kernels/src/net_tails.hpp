// What vector code of the integer engine leaves over: elements that fill no register, and the walk
// over rows.
//
// Everything here is `static`: this header is compiled once per instruction set (see ops.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcs {

constexpr std::size_t kDotRows = 4;  // rows of weights that share the loads of activations

template <typename Element>
static inline std::int32_t dot_from(std::size_t from, const Element* a, const std::int8_t* w,
                                    std::size_t count) {
    std::int32_t sum = 0;
    for (std::size_t i = from; i < count; ++i)
        sum += std::int32_t{a[i]} * w[i];
    return sum;
}

// `four_dots(a, w, count, sums)` adds kDotRows dot products.
template <typename Element, typename FourDots>
static inline void dots_by_four(const Element* a, const std::int8_t* w, std::size_t count,
                                std::size_t rows, std::int32_t* sums, const FourDots& four_dots) {
    std::size_t n = 0;
    for (; n + kDotRows <= rows; n += kDotRows)
        four_dots(a, w + n * count, count, sums + n);
    for (; n < rows; ++n)
        sums[n] += dot_from(0, a, w + n * count, count);
}

static inline void taps_from(std::size_t from, const std::uint8_t* patch, const std::int8_t* w,
                             std::size_t taps, std::size_t channels, std::int32_t* sums) {
    for (std::size_t t = 0; t < taps; ++t, patch += channels, w += channels)
        for (std::size_t c = from; c < channels; ++c)
            sums[c] += std::int32_t{patch[c]} * w[c];
}

static inline void requantise_from(std::size_t from, std::int32_t* sums, const std::int32_t* mult,
                                   int shift, std::int32_t zero, std::size_t count) {
    const std::int64_t half = std::int64_t{1} << (shift - 1);
    for (std::size_t c = from; c < count; ++c)
        sums[c] =
            static_cast<std::int32_t>((std::int64_t{sums[c]} * mult[c] + half) >> shift) + zero;
}

}  // namespace tcs
