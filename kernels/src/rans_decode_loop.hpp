// The decoder's loop over one segment, around a function that finds the entry of a slot.
//
// Everything here is `static`: this header is compiled once per instruction set (see ops.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ops.hpp"
#include "tcs/rans.hpp"

namespace tcs {

static inline std::uint32_t load_word(const std::uint8_t* p) {
    return static_cast<std::uint32_t>(p[0] | p[1] << 8);
}

// One symbol of one lane. `Find(row, slot)` returns the number of the last entry whose start is at
// most slot. With Checked false, REQUIRES a word at `next`.
//
// For any x: the entry's start <= slot < next start, so that the new x is at most the old one, no
// sum overflows, and x = 0 stays 0.
template <bool Checked, class Find>
static inline std::uint8_t decode_step(std::uint32_t& x, const std::uint8_t*& next,
                                       const std::uint8_t* end, const Row& row, int precision,
                                       Find find) {
    static const std::uint8_t nothing[2] = {0, 0};
    const std::uint32_t mask = (1U << precision) - 1;
    const std::uint32_t slot = x & mask;
    const std::uint32_t entry = find(row, slot);
    const std::uint16_t* start = row.start + entry;
    // start[1] of entry 31 is the next row's start[0] = 0, that is 2^p modulo 2^p.
    const std::uint32_t freq = (std::uint32_t{start[1]} - start[0]) & mask;
    x = freq * (x >> precision) + slot - start[0];
    const bool there = !Checked || end - next >= 2;
    const std::uint32_t refill = x < (1U << 16) && there ? 1 : 0;
    const std::uint32_t word = load_word(there ? next : nothing);
    x = x << (16 * refill) | (word & (0U - refill));
    next += 2 * refill;
    return static_cast<std::uint8_t>(entry);
}

template <int Lanes, class Find>
static inline void decode_lanes(DecoderLanes& lanes, const DecodeJob& job, Find find) {
    std::uint32_t state[Lanes];
    std::memcpy(state, lanes.state, sizeof state);
    const std::uint8_t* next = lanes.next;
    const std::uint8_t* const end = lanes.end;
    std::size_t n = 0;
    // A round of all lanes takes at most one word each.
    for (; n + Lanes <= job.count && end - next >= 2 * Lanes; n += Lanes) {
        for (std::size_t lane = 0; lane < Lanes; ++lane)
            job.entries[n + lane] = decode_step<false>(
                state[lane], next, end, job.table[job.rows[n + lane]], job.precision, find);
    }
    for (; n < job.count; ++n)
        job.entries[n] = decode_step<true>(state[n % Lanes], next, end, job.table[job.rows[n]],
                                           job.precision, find);
    lanes.next = next;
    std::memcpy(lanes.state, state, sizeof state);
}

template <class Find>
static inline void decode_segment(DecoderLanes& lanes, const DecodeJob& job, Find find) {
    if (lanes.count == 1) {
        decode_lanes<1>(lanes, job, find);
    } else if (lanes.count == 8) {
        decode_lanes<8>(lanes, job, find);
    } else {
        decode_lanes<32>(lanes, job, find);
    }
}

}  // namespace tcs
