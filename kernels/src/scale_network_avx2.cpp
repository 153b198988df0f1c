// One layer of the scale network, eight pixels to a register.
//
// READ ME FIRST. An activation register holds a pair of channels of eight neighbouring pixels; a
// weight register repeats one output channel's weights of that pair; madd_epi16 multiplies both and
// adds them up, exactly (maddubs would saturate; madd can only with -32768 on all four sides, and
// weights are int8). Two groups of eight pixels and four output channels are eight accumulators:
// 6 loads feed 8 madd.
#include <immintrin.h>

#include <cstring>

#include "avx2.hpp"

namespace tcs::avx2 {
namespace {

// Eight neighbouring pixels of the output, before depth-to-space.
struct Group {
    const std::int32_t* input;  // pair 0, first tap
    int y;
    int x;
};

// Results of eight output channels for two groups, requantised.
struct Octet {
    __m256i of[2][8];
};

inline __m256i repeat(const std::int16_t* pair) {
    std::int32_t both;
    std::memcpy(&both, pair, sizeof both);
    return _mm256_set1_epi32(both);
}

template <int K>
inline void multiply(const PackedLayerView& layer, const Group& a, const Group& b, int cout,
                     __m256i* acc_a, __m256i* acc_b) {
    const std::int16_t* w = layer.weight + static_cast<std::size_t>(cout) * K * K *
                                               static_cast<std::size_t>(layer.pairs) * 2;
    __m256i a0 = _mm256_set1_epi32(layer.bias[cout]), b0 = a0;
    __m256i a1 = _mm256_set1_epi32(layer.bias[cout + 1]), b1 = a1;
    __m256i a2 = _mm256_set1_epi32(layer.bias[cout + 2]), b2 = a2;
    __m256i a3 = _mm256_set1_epi32(layer.bias[cout + 3]), b3 = a3;
    for (int tap = 0; tap < K * K; ++tap) {
        const std::size_t offset =
            static_cast<std::size_t>(tap / K) * layer.in_stride + static_cast<std::size_t>(tap % K);
        const std::int32_t* from_a = a.input + offset;
        const std::int32_t* from_b = b.input + offset;
        for (int pair = 0; pair < layer.pairs; ++pair) {
            const __m256i va = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from_a));
            const __m256i vb = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from_b));
            const __m256i w0 = repeat(w), w1 = repeat(w + 2), w2 = repeat(w + 4),
                          w3 = repeat(w + 6);
            a0 = _mm256_add_epi32(a0, _mm256_madd_epi16(va, w0));
            b0 = _mm256_add_epi32(b0, _mm256_madd_epi16(vb, w0));
            a1 = _mm256_add_epi32(a1, _mm256_madd_epi16(va, w1));
            b1 = _mm256_add_epi32(b1, _mm256_madd_epi16(vb, w1));
            a2 = _mm256_add_epi32(a2, _mm256_madd_epi16(va, w2));
            b2 = _mm256_add_epi32(b2, _mm256_madd_epi16(vb, w2));
            a3 = _mm256_add_epi32(a3, _mm256_madd_epi16(va, w3));
            b3 = _mm256_add_epi32(b3, _mm256_madd_epi16(vb, w3));
            from_a += layer.in_plane;
            from_b += layer.in_plane;
            w += 8;
        }
    }
    acc_a[0] = a0, acc_a[1] = a1, acc_a[2] = a2, acc_a[3] = a3;
    acc_b[0] = b0, acc_b[1] = b1, acc_b[2] = b2, acc_b[3] = b3;
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

template <int K>
inline void run_octet(const PackedLayerView& layer, const Group& a, const Group& b, int cout,
                      Octet& out) {
    multiply<K>(layer, a, b, cout, out.of[0], out.of[1]);
    multiply<K>(layer, a, b, cout + 4, out.of[0] + 4, out.of[1] + 4);
    for (auto& group : out.of) {
        for (int i = 0; i < 8; ++i) {
            const __m256i acc = group[i];
            if (layer.index != nullptr) {
                group[i] =
                    _mm256_sign_epi32(requantise(_mm256_abs_epi32(acc), layer, cout + i), acc);
            } else {
                group[i] =
                    requantise(_mm256_max_epi32(acc, _mm256_setzero_si256()), layer, cout + i);
            }
        }
    }
}

// All ones in the elements of the group that lie inside the picture.
inline __m256i inside(const PackedLayerView& layer, const Group& group) {
    const __m256i x =
        _mm256_add_epi32(_mm256_set1_epi32(group.x), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(layer.width), x);
}

inline void store(std::int32_t* p, __m256i v) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v);
}

inline __m256i pair_of(__m256i low, __m256i high, __m256i mask) {
    return _mm256_and_si256(_mm256_or_si256(low, _mm256_slli_epi32(high, 16)), mask);
}

inline void store_hidden(const PackedLayerView& layer, const Group& group, int cout,
                         const __m256i* v) {
    const __m256i mask = inside(layer, group);
    const std::size_t x = static_cast<std::size_t>(group.x);
    const std::size_t y = static_cast<std::size_t>(group.y);
    if (layer.factor == 1) {
        std::int32_t* out = layer.output + static_cast<std::size_t>(cout / 2) * layer.out_plane +
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

inline void store_index(const PackedLayerView& layer, const Group& group, int cout,
                        const __m256i* v) {
    const std::size_t plane =
        static_cast<std::size_t>(layer.height) * static_cast<std::size_t>(layer.width);
    std::int16_t* out = layer.index + static_cast<std::size_t>(cout) * plane +
                        static_cast<std::size_t>(group.y) * static_cast<std::size_t>(layer.width) +
                        static_cast<std::size_t>(group.x);
    const int count = layer.width - group.x < 8 ? layer.width - group.x : 8;
    for (int i = 0; i < 8 && cout + i < layer.cout; ++i, out += plane) {
        const __m128i row =
            _mm_packs_epi32(_mm256_castsi256_si128(v[i]), _mm256_extracti128_si256(v[i], 1));
        if (count == 8) {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out), row);
        } else {
            std::memcpy(out, &row, static_cast<std::size_t>(count) * sizeof *out);
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

}  // namespace tcs::avx2
