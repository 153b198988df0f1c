// The decoder's loop over one segment, around a function that finds where a slot lies.
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

// Where a slot lies in its row.
struct Found {
    std::uint32_t entry;
    std::uint32_t freq;
    std::uint32_t offset;  // from the entry's start, < freq
};

// `entry` is the last one of `row` whose start is at most slot.
static inline Found place_in_row(const Row& row, std::uint32_t entry, std::uint32_t slot,
                                 int precision) {
    const std::uint16_t* start = row.start + entry;
    // start[1] of entry 31 is the next row's start[0] = 0, that is 2^p modulo 2^p.
    const std::uint32_t freq = (std::uint32_t{start[1]} - start[0]) & ((1U << precision) - 1);
    return {entry, freq, slot - start[0]};
}

// One symbol of one lane; `find(slot)` says where the slot lies. With Checked false, REQUIRES a
// word at `next`.
//
// For any x: offset < freq, so that the new x is at most the old one, no sum overflows, and x = 0
// stays 0.
template <bool Checked, class Find>
static inline std::uint8_t decode_step(std::uint32_t& x, const std::uint8_t*& next,
                                       const std::uint8_t* end, int precision, Find find) {
    static const std::uint8_t nothing[2] = {0, 0};
    const Found found = find(x & ((1U << precision) - 1));
    x = found.freq * (x >> precision) + found.offset;
    const bool there = !Checked || end - next >= 2;
    const std::uint32_t refill = x < (1U << 16) && there ? 1 : 0;
    const std::uint32_t word = load_word(there ? next : nothing);
    x = x << (16 * refill) | (word & (0U - refill));
    next += 2 * refill;
    return static_cast<std::uint8_t>(found.entry);
}

// `find(n, slot)` says where symbol n's slot lies in its row.
template <int Lanes, class Find>
static inline void decode_lanes(DecoderLanes& lanes, int precision, std::size_t count,
                                std::uint8_t* entries, Find find) {
    std::uint32_t state[Lanes];
    std::memcpy(state, lanes.state, sizeof state);
    const std::uint8_t* next = lanes.next;
    const std::uint8_t* const end = lanes.end;
    std::size_t n = 0;
    // A round of all lanes takes at most one word each.
    for (; n + Lanes <= count && end - next >= 2 * Lanes; n += Lanes) {
        for (std::size_t lane = 0; lane < Lanes; ++lane)
            entries[n + lane] =
                decode_step<false>(state[lane], next, end, precision,
                                   [&](std::uint32_t slot) { return find(n + lane, slot); });
    }
    for (; n < count; ++n)
        entries[n] = decode_step<true>(state[n % Lanes], next, end, precision,
                                       [&](std::uint32_t slot) { return find(n, slot); });
    lanes.next = next;
    std::memcpy(lanes.state, state, sizeof state);
}

template <class Find>
static inline void decode_segment(DecoderLanes& lanes, int precision, std::size_t count,
                                  std::uint8_t* entries, Find find) {
    if (lanes.count == 1) {
        decode_lanes<1>(lanes, precision, count, entries, find);
    } else if (lanes.count == 8) {
        decode_lanes<8>(lanes, precision, count, entries, find);
    } else {
        decode_lanes<32>(lanes, precision, count, entries, find);
    }
}

// The same for rows in which `find(row, slot)` gives the entry.
template <class Find>
static inline void decode_rows(DecoderLanes& lanes, const DecodeJob& job, Find find) {
    decode_segment(lanes, job.precision, job.count, job.entries,
                   [&](std::size_t n, std::uint32_t slot) {
                       const Row& row = job.table[job.rows[n]];
                       return place_in_row(row, find(row, slot), slot, job.precision);
                   });
}

}  // namespace tcs
