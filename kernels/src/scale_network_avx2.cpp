// One layer of the scale network, eight pixels to a register.
//
// READ ME FIRST. An activation register holds a pair of channels of eight neighbouring pixels; a
// weight register repeats one output channel's weights of that pair; madd_epi16 multiplies both and
// adds them up, exactly (maddubs would saturate; madd could only with -32768 in all four places,
// and weights are int8). Two groups of eight pixels by four output channels are eight accumulators:
// 6 loads feed 8 madd. Three groups, or taps unrolled inside the loop over pairs, measured slower
// (0.31 and 0.44 ms against 0.30 ms for the network of 512x512 pixels, Zen 4).
#include <immintrin.h>

#include <cstring>

#include "avx2.hpp"
#include "layer_loop.hpp"

namespace tcs::avx2 {
namespace {

inline __m256i repeat(const std::int16_t* pair) {
    std::int32_t both;
    std::memcpy(&both, pair, sizeof both);
    return _mm256_set1_epi32(both);
}

inline __m256i load(const std::int32_t* p) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}

inline void store(std::int32_t* p, __m256i v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
}

// min((magnitude * mult + half) >> shift, 32767). REQUIRES magnitude >= 0.
inline __m256i requantise(__m256i magnitude, const PackedLayerView& layer, int cout) {
    const __m256i mult = _mm256_set1_epi64x(layer.mult[cout]);
    const __m256i half = _mm256_set1_epi64x(1LL << (layer.shift - 1));
    const __m128i shift = _mm_cvtsi32_si128(layer.shift);
    const __m256i m = _mm256_min_epi32(magnitude, _mm256_set1_epi32(layer.limit[cout]));
    const __m256i even = _mm256_srl_epi64(_mm256_add_epi64(_mm256_mul_epu32(m, mult), half), shift);
    const __m256i odd = _mm256_srl_epi64(
        _mm256_add_epi64(_mm256_mul_epu32(_mm256_srli_epi64(m, 32), mult), half), shift);
    return _mm256_or_si256(even, _mm256_slli_epi64(odd, 32));
}

inline __m256i activate(__m256i acc, const PackedLayerView& layer, int cout) {
    if (layer.index == nullptr)
        return requantise(_mm256_max_epi32(acc, _mm256_setzero_si256()), layer, cout);
    return _mm256_sign_epi32(requantise(_mm256_abs_epi32(acc), layer, cout), acc);
}

// Two neighbouring channels, zero outside the picture.
inline __m256i pair_of(__m256i low, __m256i high, __m256i mask) {
    return _mm256_and_si256(_mm256_or_si256(low, _mm256_slli_epi32(high, 16)), mask);
}

struct Avx2 {
    static constexpr int kGroups = 2;

    struct Octet {
        __m256i of[kGroups][8];
    };

    // Accumulators of output channels cout..cout+3 into octet.of[][at..at+3].
    template <int K>
    static inline void multiply(const PackedLayerView& layer, const PixelGroup* groups, int cout,
                                Octet& octet, int at) {
        const std::int16_t* w = layer.weight + static_cast<std::size_t>(cout) * K * K *
                                                   static_cast<std::size_t>(layer.pairs) * 2;
        __m256i acc[kGroups][4];
        for (auto& group : acc) {
            for (int i = 0; i < 4; ++i)
                group[i] = _mm256_set1_epi32(layer.bias[cout + i]);
        }
        for (int tap = 0; tap < K * K; ++tap) {
            std::size_t offset = static_cast<std::size_t>(tap / K) * layer.in_stride +
                                 static_cast<std::size_t>(tap % K);
            for (int pair = 0; pair < layer.pairs; ++pair, offset += layer.in_plane, w += 8) {
                __m256i a[kGroups];
                for (int g = 0; g < kGroups; ++g)
                    a[g] = load(groups[g].input + offset);
                for (int i = 0; i < 4; ++i) {
                    const __m256i weight = repeat(w + 2 * i);
                    for (int g = 0; g < kGroups; ++g)
                        acc[g][i] = _mm256_add_epi32(acc[g][i], _mm256_madd_epi16(a[g], weight));
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
            for (int i = 0; i < 8; ++i)
                group[i] = activate(group[i], layer, cout + i);
        }
    }

    static inline void store_hidden(const PackedLayerView& layer, const PixelGroup& group, int cout,
                                    const Octet& octet, int g) {
        const __m256i* v = octet.of[g];
        const __m256i mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(layer.width - group.x),
                                                _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
        const std::size_t x = static_cast<std::size_t>(group.x);
        const std::size_t y = static_cast<std::size_t>(group.y);
        if (layer.factor == 1) {
            std::int32_t* out = layer.output +
                                static_cast<std::size_t>(cout / 2) * layer.out_plane +
                                y * layer.out_stride + x;
            for (int i = 0; i < 8; i += 2, out += layer.out_plane)
                store(out, pair_of(v[i], v[i + 1], mask));
            return;
        }
        // Channels cout/4 and cout/4 + 1, four positions (dy, dx) each: interleave dx = 0 and 1.
        std::int32_t* out = layer.output + static_cast<std::size_t>(cout / 8) * layer.out_plane +
                            2 * y * layer.out_stride + 2 * x;
        for (int dy = 0; dy < 2; ++dy, out += layer.out_stride) {
            const __m256i left = pair_of(v[2 * dy], v[4 + 2 * dy], mask);
            const __m256i right = pair_of(v[2 * dy + 1], v[5 + 2 * dy], mask);
            const __m256i low = _mm256_unpacklo_epi32(left, right);
            const __m256i high = _mm256_unpackhi_epi32(left, right);
            store(out, _mm256_permute2x128_si256(low, high, 0x20));
            store(out + 8, _mm256_permute2x128_si256(low, high, 0x31));
        }
    }

    static inline void store_index(const PackedLayerView& layer, const PixelGroup& group, int cout,
                                   const Octet& octet, int g) {
        const std::size_t width = static_cast<std::size_t>(layer.width);
        const std::size_t plane = static_cast<std::size_t>(layer.height) * width;
        std::int16_t* out = layer.index + static_cast<std::size_t>(cout) * plane +
                            static_cast<std::size_t>(group.y) * width +
                            static_cast<std::size_t>(group.x);
        const int count = layer.width - group.x < 8 ? layer.width - group.x : 8;
        for (int i = 0; i < 8 && cout + i < layer.cout; ++i, out += plane) {
            const __m256i v = octet.of[g][i];
            const __m128i row =
                _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
            if (count == 8) {
                _mm_storeu_si128(reinterpret_cast<__m128i*>(out), row);
            } else {
                std::memcpy(out, &row, static_cast<std::size_t>(count) * sizeof *out);
            }
        }
    }
};

}  // namespace

void layer(const PackedLayerView& layer) {
    run_layer<Avx2>(layer);
}

}  // namespace tcs::avx2
