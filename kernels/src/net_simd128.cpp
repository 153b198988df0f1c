// Dot products, depthwise sums and requantisation of the integer engine.
#include <wasm_simd128.h>

#include <cstring>

#include "net_tails.hpp"
#include "simd128.hpp"

namespace tcs::simd128 {
namespace {

constexpr std::size_t kRows = 4;     // whose sums stay in registers: loops over them are unrolled
constexpr std::size_t kOutputs = 8;  // of them
constexpr std::size_t kLanes = 8;    // int16 elements of a register

// Half a block of outputs of Rows positions. A dot adds two products of at most 2^22 in magnitude,
// so nothing overflows.
template <std::size_t Rows>
static inline void half_of(const DotsJob& job, std::size_t from, std::size_t n) {
    const std::int16_t* row = static_cast<const std::int16_t*>(job.rows) + from * job.stride;
    const std::int8_t* w =
        job.weight + 2 * (n / kDotBlock * job.groups * kDotBlock + n % kDotBlock);
    v128_t low[Rows], high[Rows];
#pragma clang loop unroll(full)
    for (std::size_t p = 0; p < Rows; ++p) {
        low[p] = wasm_v128_load(job.bias + n);
        high[p] = wasm_v128_load(job.bias + n + 4);
    }
    for (std::size_t g = 0; g < job.groups; ++g, row += 2, w += 2 * kDotBlock) {
        const v128_t first = wasm_i16x8_load8x8(w), second = wasm_i16x8_load8x8(w + 8);
#pragma clang loop unroll(full)
        for (std::size_t p = 0; p < Rows; ++p) {
            const v128_t pair = wasm_v128_load32_splat(row + p * job.stride);
            low[p] = wasm_i32x4_add(low[p], wasm_i32x4_dot_i16x8(pair, first));
            high[p] = wasm_i32x4_add(high[p], wasm_i32x4_dot_i16x8(pair, second));
        }
    }
#pragma clang loop unroll(full)
    for (std::size_t p = 0; p < Rows; ++p) {
        std::int32_t* const sums = job.sums + (from + p) * job.sums_stride + n;
        wasm_v128_store(sums, low[p]);
        wasm_v128_store(sums + 4, high[p]);
    }
}

template <std::size_t Rows>
static inline void rows_of(const DotsJob& job, std::size_t from) {
    for (std::size_t n = 0; n < job.blocks * kDotBlock; n += kOutputs)
        half_of<Rows>(job, from, n);
}

// Four requantised sums. `add` is half of what is shifted out and zero above it: the floor of a sum
// with a whole number is that of the sum, with it. Of a shift by at most 32 the low 32 bits are the
// same whether it is arithmetic or logical.
static inline v128_t requantised(const std::int32_t* sums, const std::int32_t* mult, v128_t add,
                                 std::uint32_t shift) {
    const v128_t s = wasm_v128_load(sums), m = wasm_v128_load(mult);
    const v128_t low = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(s, m), add);
    const v128_t high = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(s, m), add);
    if (shift == 32) return wasm_i32x4_shuffle(low, high, 1, 3, 5, 7);
    return wasm_i32x4_shuffle(wasm_u64x2_shr(low, shift), wasm_u64x2_shr(high, shift), 0, 2, 4, 6);
}

// Eight results of one position as int16. Narrowing saturates; low and high lie within int16.
static inline v128_t finished(const FinishJob& job, const std::int32_t* sums, std::size_t c,
                              const std::int16_t* with) {
    const v128_t add = wasm_i64x2_splat((std::int64_t{1} << (job.shift - 1)) +
                                        job.zero * (std::int64_t{1} << job.shift));
    const std::uint32_t shift = static_cast<std::uint32_t>(job.shift);
    v128_t first = requantised(sums + c, job.mult + c, add, shift);
    v128_t second = requantised(sums + c + 4, job.mult + c + 4, add, shift);
    if (with != nullptr) {
        first = wasm_i32x4_add(first, wasm_i32x4_load16x4(with + c));
        second = wasm_i32x4_add(second, wasm_i32x4_load16x4(with + c + 4));
    }
    const v128_t least = wasm_i16x8_splat(static_cast<std::int16_t>(job.low));
    const v128_t most = wasm_i16x8_splat(static_cast<std::int16_t>(job.high));
    return wasm_i16x8_min(wasm_i16x8_max(wasm_i16x8_narrow_i32x4(first, second), least), most);
}

inline void store(std::int16_t* out, v128_t values) {
    wasm_v128_store(out, values);
}

inline void store(std::uint8_t* out, v128_t values) {
    wasm_v128_store64_lane(out, wasm_u8x16_narrow_i16x8(values, values), 0);
}

template <typename Element>
static inline void finish_all(const FinishJob& job, Element* out) {
    for (std::size_t p = 0; p < job.positions; ++p, out += job.count) {
        const std::int32_t* const sums = job.sums + p * job.sums_stride;
        const std::int16_t* const with = job.with == nullptr ? nullptr : job.with + p * job.count;
        std::size_t c = 0;
        for (; c + kLanes <= job.count; c += kLanes)
            store(out + c, finished(job, sums, c, with));
        if (c == job.count) continue;
        Element last[kLanes];
        store(last, finished(job, sums, c, with));
        std::memcpy(out + c, last, (job.count - c) * sizeof(Element));
    }
}

inline v128_t load(const std::uint8_t* row) {
    return wasm_u16x8_load8x8(row);
}

inline v128_t load(const std::int16_t* row) {
    return wasm_v128_load(row);
}

template <typename Element>
static inline void all_taps(const TapsJob& job) {
    for (std::size_t c = 0; c < job.channels; c += kLanes) {
        v128_t low = wasm_v128_load(job.bias + c), high = wasm_v128_load(job.bias + c + 4);
        const std::int8_t* w = job.weight + c;
        for (std::size_t t = 0; t < job.taps; ++t, w += job.channels) {
            const v128_t given = load(static_cast<const Element*>(job.rows[t]) + c);
            const v128_t by = wasm_i16x8_load8x8(w);
            low = wasm_i32x4_add(low, wasm_i32x4_extmul_low_i16x8(given, by));
            high = wasm_i32x4_add(high, wasm_i32x4_extmul_high_i16x8(given, by));
        }
        wasm_v128_store(job.sums + c, low);
        wasm_v128_store(job.sums + c + 4, high);
    }
}

}  // namespace

void wide_dots(const DotsJob& job) {
    std::size_t p = 0;
    for (; p + kRows <= job.positions; p += kRows)
        rows_of<kRows>(job, p);
    for (; p < job.positions; ++p)
        rows_of<1>(job, p);
}

void taps(const TapsJob& job) {
    all_taps<std::uint8_t>(job);
}

void wide_taps(const TapsJob& job) {
    all_taps<std::int16_t>(job);
}

void finish(const FinishJob& job, std::uint8_t* out) {
    finish_all(job, out);
}

void wide_finish(const FinishJob& job, std::int16_t* out) {
    finish_all(job, out);
}

}  // namespace tcs::simd128
