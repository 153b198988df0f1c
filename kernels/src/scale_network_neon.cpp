// One layer of the scale network, eight pixels at a time.
//
// READ ME FIRST. Activations lie as pairs of channels; de-interleaved, they are eight pixels of each. A weight register holds the weights of that pair for four output channels, and the widening
// multiply-accumulate takes one of them by its lane. Two groups of eight pixels and four output
// channels are sixteen accumulators of the 32 registers.
#include <arm_neon.h>

#include "neon.hpp"

namespace tcs::neon {
namespace {

// Eight neighbouring pixels of the output, before depth-to-space.
struct Group {
    const std::int32_t* input;  // pair 0, first tap
    int y;
    int x;
};

struct Eight {
    int32x4_t low;
    int32x4_t high;
};

// Eight output channels of two groups.
struct Octet {
    Eight of[2][8];
};

template <int Lane>
inline void accumulate(Eight& acc, const int16x8x2_t& a, int16x8_t w) {
    acc.low = vmlal_laneq_s16(acc.low, vget_low_s16(a.val[0]), w, 2 * Lane);
    acc.high = vmlal_high_laneq_s16(acc.high, a.val[0], w, 2 * Lane);
    acc.low = vmlal_laneq_s16(acc.low, vget_low_s16(a.val[1]), w, 2 * Lane + 1);
    acc.high = vmlal_high_laneq_s16(acc.high, a.val[1], w, 2 * Lane + 1);
}

inline int16x8x2_t load_pairs(const std::int32_t* p) {
    const int16x8_t first = vreinterpretq_s16_s32(vld1q_s32(p));
    const int16x8_t second = vreinterpretq_s16_s32(vld1q_s32(p + 4));
    return {{vuzp1q_s16(first, second), vuzp2q_s16(first, second)}};
}

template <int K>
inline void multiply(const PackedLayerView& layer, const Group& a, const Group& b, int cout,
                     Eight* acc_a, Eight* acc_b) {
    const std::int16_t* w = layer.weight + static_cast<std::size_t>(cout) * K * K *
                                               static_cast<std::size_t>(layer.pairs) * 2;
    Eight sum_a[4];
    Eight sum_b[4];
    for (int i = 0; i < 4; ++i) {
        const int32x4_t bias = vdupq_n_s32(layer.bias[cout + i]);
        sum_a[i] = sum_b[i] = {bias, bias};
    }
    for (int tap = 0; tap < K * K; ++tap) {
        const std::size_t offset =
            static_cast<std::size_t>(tap / K) * layer.in_stride + static_cast<std::size_t>(tap % K);
        const std::int32_t* from_a = a.input + offset;
        const std::int32_t* from_b = b.input + offset;
        for (int pair = 0; pair < layer.pairs; ++pair) {
            const int16x8x2_t va = load_pairs(from_a);
            const int16x8x2_t vb = load_pairs(from_b);
            const int16x8_t weights = vld1q_s16(w);
            accumulate<0>(sum_a[0], va, weights);
            accumulate<0>(sum_b[0], vb, weights);
            accumulate<1>(sum_a[1], va, weights);
            accumulate<1>(sum_b[1], vb, weights);
            accumulate<2>(sum_a[2], va, weights);
            accumulate<2>(sum_b[2], vb, weights);
            accumulate<3>(sum_a[3], va, weights);
            accumulate<3>(sum_b[3], vb, weights);
            from_a += layer.in_plane;
            from_b += layer.in_plane;
            w += 8;
        }
    }
    for (int i = 0; i < 4; ++i) {
        acc_a[i] = sum_a[i];
        acc_b[i] = sum_b[i];
    }
}

// min((magnitude * mult + half) >> shift, 32767). REQUIRES magnitude >= 0.
inline int32x4_t requantise(int32x4_t magnitude, const PackedLayerView& layer, int cout) {
    const uint32x4_t m =
        vreinterpretq_u32_s32(vminq_s32(magnitude, vdupq_n_s32(layer.limit[cout])));
    const uint32x2_t mult = vdup_n_u32(layer.mult[cout]);
    const uint64x2_t half = vdupq_n_u64(std::uint64_t{1} << (layer.shift - 1));
    const int64x2_t shift = vdupq_n_s64(-layer.shift);
    const uint64x2_t low = vshlq_u64(vmlal_u32(half, vget_low_u32(m), mult), shift);
    const uint64x2_t high = vshlq_u64(vmlal_u32(half, vget_high_u32(m), mult), shift);
    return vreinterpretq_s32_u32(vcombine_u32(vmovn_u64(low), vmovn_u64(high)));
}

inline int32x4_t activate(int32x4_t acc, const PackedLayerView& layer, int cout) {
    if (layer.index == nullptr) return requantise(vmaxq_s32(acc, vdupq_n_s32(0)), layer, cout);
    const int32x4_t sign = vshrq_n_s32(acc, 31);  // 0 or -1
    return vsubq_s32(veorq_s32(requantise(vabsq_s32(acc), layer, cout), sign), sign);
}

template <int K>
inline void run_octet(const PackedLayerView& layer, const Group& a, const Group& b, int cout,
                      Octet& out) {
    multiply<K>(layer, a, b, cout, out.of[0], out.of[1]);
    multiply<K>(layer, a, b, cout + 4, out.of[0] + 4, out.of[1] + 4);
    for (auto& group : out.of) {
        for (int i = 0; i < 8; ++i) {
            group[i].low = activate(group[i].low, layer, cout + i);
            group[i].high = activate(group[i].high, layer, cout + i);
        }
    }
}

// All ones in the elements that lie inside the picture.
inline uint32x4_t inside(const PackedLayerView& layer, int x) {
    const int32x4_t numbers =
        vcombine_s32(vcreate_s32(0x0000000100000000U), vcreate_s32(0x0000000300000002U));
    return vcgtq_s32(vdupq_n_s32(layer.width - x), numbers);
}

inline int32x4_t pair_of(int32x4_t low, int32x4_t high, uint32x4_t mask) {
    return vandq_s32(vsliq_n_s32(low, high, 16), vreinterpretq_s32_u32(mask));
}

inline void store_hidden(const PackedLayerView& layer, const Group& group, int cout,
                         const Eight* v) {
    const uint32x4_t low = inside(layer, group.x);
    const uint32x4_t high = inside(layer, group.x + 4);
    const std::size_t x = static_cast<std::size_t>(group.x);
    const std::size_t y = static_cast<std::size_t>(group.y);
    if (layer.factor == 1) {
        std::int32_t* out = layer.output + static_cast<std::size_t>(cout / 2) * layer.out_plane +
                            y * layer.out_stride + x;
        for (int i = 0; i < 8; i += 2, out += layer.out_plane) {
            vst1q_s32(out, pair_of(v[i].low, v[i + 1].low, low));
            vst1q_s32(out + 4, pair_of(v[i].high, v[i + 1].high, high));
        }
        return;
    }
    // Channels cout/4 and cout/4 + 1, four positions (dy, dx) each: interleave dx = 0 and 1.
    std::int32_t* out = layer.output + static_cast<std::size_t>(cout / 8) * layer.out_plane +
                        2 * y * layer.out_stride + 2 * x;
    for (int dy = 0; dy < 2; ++dy, out += layer.out_stride) {
        const Eight& left = v[2 * dy];
        const Eight& right = v[2 * dy + 1];
        vst2q_s32(out, {{pair_of(left.low, v[4 + 2 * dy].low, low),
                         pair_of(right.low, v[5 + 2 * dy].low, low)}});
        vst2q_s32(out + 8, {{pair_of(left.high, v[4 + 2 * dy].high, high),
                             pair_of(right.high, v[5 + 2 * dy].high, high)}});
    }
}

inline void store_index(const PackedLayerView& layer, const Group& group, int cout,
                        const Eight* v) {
    const std::size_t width = static_cast<std::size_t>(layer.width);
    const std::size_t plane = static_cast<std::size_t>(layer.height) * width;
    std::int16_t* out = layer.index + static_cast<std::size_t>(cout) * plane +
                        static_cast<std::size_t>(group.y) * width +
                        static_cast<std::size_t>(group.x);
    const int count = layer.width - group.x < 8 ? layer.width - group.x : 8;
    for (int i = 0; i < 8 && cout + i < layer.cout; ++i, out += plane) {
        const int16x8_t row = vcombine_s16(vmovn_s32(v[i].low), vmovn_s32(v[i].high));
        if (count == 8) {
            vst1q_s16(out, row);
        } else {
            std::int16_t all[8];
            vst1q_s16(all, row);
            for (int x = 0; x < count; ++x)
                out[x] = all[x];
        }
    }
}

template <int K>
void run_pair(const PackedLayerView& layer, const Group& a, const Group& b, bool both) {
    Octet octet;
    for (int cout = 0; cout < layer.cout; cout += 8) {
        run_octet<K>(layer, a, b, cout, octet);
        if (layer.index != nullptr) {
            store_index(layer, a, cout, octet.of[0]);
            if (both) store_index(layer, b, cout, octet.of[1]);
        } else {
            store_hidden(layer, a, cout, octet.of[0]);
            if (both) store_hidden(layer, b, cout, octet.of[1]);
        }
    }
}

}  // namespace

void layer(const PackedLayerView& layer) {
    const int across = (layer.width + 7) / 8;
    const int groups = across * layer.height;
    const auto group = [&](int n) {
        const int y = n / across;
        const int x = n % across * 8;
        return Group{layer.input + static_cast<std::size_t>(y) * layer.in_stride +
                         static_cast<std::size_t>(x),
                     y, x};
    };
    for (int n = 0; n < groups; n += 2) {
        const bool both = n + 1 < groups;
        const Group a = group(n);
        const Group b = both ? group(n + 1) : a;
        if (layer.kernel == 3) {
            run_pair<3>(layer, a, b, both);
        } else {
            run_pair<1>(layer, a, b, both);
        }
    }
}

}  // namespace tcs::neon
