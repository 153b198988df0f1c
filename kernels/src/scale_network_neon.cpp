// One layer of the scale network, eight pixels at a time.
//
// READ ME FIRST. Activations lie as pairs of channels; de-interleaved, they are eight pixels of
// each. A weight register holds the weights of that pair for four output channels, and the widening
// multiply-accumulate takes one of them by its lane. Two groups of eight pixels and four output
// channels are sixteen accumulators of the 32 registers.
#include <arm_neon.h>

#include "layer_loop.hpp"
#include "neon.hpp"

namespace tcs::neon {
namespace {

struct Eight {
    int32x4_t low;
    int32x4_t high;
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

// All ones in the elements that lie inside the picture.
inline uint32x4_t inside(const PackedLayerView& layer, int x) {
    const int32x4_t numbers =
        vcombine_s32(vcreate_s32(0x0000000100000000U), vcreate_s32(0x0000000300000002U));
    return vcgtq_s32(vdupq_n_s32(layer.width - x), numbers);
}

inline int32x4_t pair_of(int32x4_t low, int32x4_t high, uint32x4_t mask) {
    return vandq_s32(vsliq_n_s32(low, high, 16), vreinterpretq_s32_u32(mask));
}

struct Neon {
    static constexpr int kGroups = 2;

    struct Octet {
        Eight of[kGroups][8];
    };

    // Accumulators of output channels cout..cout+3 into octet.of[][at..at+3].
    template <int K>
    static inline void multiply(const PackedLayerView& layer, const PixelGroup* groups, int cout,
                                Octet& octet, int at) {
        const std::int16_t* w = layer.weight + static_cast<std::size_t>(cout) * K * K *
                                                   static_cast<std::size_t>(layer.pairs) * 2;
        Eight acc[kGroups][4];
        for (auto& group : acc) {
            for (int i = 0; i < 4; ++i) {
                const int32x4_t bias = vdupq_n_s32(layer.bias[cout + i]);
                group[i] = {bias, bias};
            }
        }
        for (int tap = 0; tap < K * K; ++tap) {
            std::size_t offset = static_cast<std::size_t>(tap / K) * layer.in_stride +
                                 static_cast<std::size_t>(tap % K);
            for (int pair = 0; pair < layer.pairs; ++pair, offset += layer.in_plane, w += 8) {
                const int16x8_t weights = vld1q_s16(w);
                for (int g = 0; g < kGroups; ++g) {
                    const int16x8x2_t a = load_pairs(groups[g].input + offset);
                    accumulate<0>(acc[g][0], a, weights);
                    accumulate<1>(acc[g][1], a, weights);
                    accumulate<2>(acc[g][2], a, weights);
                    accumulate<3>(acc[g][3], a, weights);
                }
            }
        }
        for (int g = 0; g < kGroups; ++g) {
            for (int i = 0; i < 4; ++i)
                octet.of[g][at + i] = acc[g][i];
        }
    }

    template <int K>
    static inline void compute(const PackedLayerView& layer, const PixelGroup* groups, int cout,
                               Octet& octet) {
        multiply<K>(layer, groups, cout, octet, 0);
        multiply<K>(layer, groups, cout + 4, octet, 4);
        for (auto& group : octet.of) {
            for (int i = 0; i < 8; ++i) {
                group[i].low = activate(group[i].low, layer, cout + i);
                group[i].high = activate(group[i].high, layer, cout + i);
            }
        }
    }

    static inline void store_hidden(const PackedLayerView& layer, const PixelGroup& group, int cout,
                                    const Octet& octet, int g) {
        const Eight* v = octet.of[g];
        const uint32x4_t low = inside(layer, group.x);
        const uint32x4_t high = inside(layer, group.x + 4);
        const std::size_t x = static_cast<std::size_t>(group.x);
        const std::size_t y = static_cast<std::size_t>(group.y);
        if (layer.factor == 1) {
            std::int32_t* out = layer.output +
                                static_cast<std::size_t>(cout / 2) * layer.out_plane +
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

    static inline void store_index(const PackedLayerView& layer, const PixelGroup& group, int cout,
                                   const Octet& octet, int g) {
        const Eight* v = octet.of[g];
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
};

}  // namespace

void layer(const PackedLayerView& layer) {
    run_layer<Neon>(layer);
}

}  // namespace tcs::neon
