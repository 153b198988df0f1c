// The sums of the integer engine in plain C++: the specification, and what vector code leaves over.
//
// Everything here is `static`: this header is compiled once per instruction set (see ops.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ops.hpp"

namespace tcs {

// Weights in groups of one element.
static inline void plain_dots(const DotsJob& job) {
    for (std::size_t p = 0; p < job.positions; ++p) {
        const std::int16_t* const row = static_cast<const std::int16_t*>(job.rows) + p * job.stride;
        const std::int8_t* w = job.weight;
        for (std::size_t block = 0; block < job.blocks; ++block) {
            std::int32_t sums[kDotBlock];
            std::copy_n(job.bias + block * kDotBlock, kDotBlock, sums);
            for (std::size_t g = 0; g < job.groups; ++g, w += kDotBlock)
                for (std::size_t n = 0; n < kDotBlock; ++n)
                    sums[n] += std::int32_t{row[g]} * w[n];
            std::copy_n(sums, kDotBlock, job.sums + p * job.sums_stride + block * kDotBlock);
        }
    }
}

template <typename Element>
static inline void plain_taps(const TapsJob& job) {
    std::copy_n(job.bias, job.channels, job.sums);
    const std::int8_t* w = job.weight;
    for (std::size_t t = 0; t < job.taps; ++t, w += job.channels) {
        const Element* const row = static_cast<const Element*>(job.rows[t]);
        for (std::size_t c = 0; c < job.channels; ++c)
            job.sums[c] += std::int32_t{row[c]} * w[c];
    }
}

// Elements `from` .. count of position p.
template <typename Element>
static inline void finish_from(std::size_t from, const FinishJob& job, std::size_t p,
                               Element* out) {
    const std::int64_t half = std::int64_t{1} << (job.shift - 1);
    const std::int32_t* const sums = job.sums + p * job.sums_stride;
    for (std::size_t c = from; c < job.count; ++c) {
        const std::int32_t made =
            static_cast<std::int32_t>((std::int64_t{sums[c]} * job.mult[c] + half) >> job.shift) +
            job.zero + (job.with == nullptr ? 0 : job.with[p * job.count + c]);
        out[p * job.count + c] = static_cast<Element>(std::clamp(made, job.low, job.high));
    }
}

template <typename Element>
static inline void plain_finish(const FinishJob& job, Element* out) {
    for (std::size_t p = 0; p < job.positions; ++p)
        finish_from(0, job, p, out);
}

}  // namespace tcs
