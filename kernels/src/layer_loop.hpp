// Walks one layer of the scale network in groups of eight pixels, around an instruction set's inner
// loop.
//
// Everything here is `static`: this header is compiled once per instruction set (see ops.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

#include "ops.hpp"

namespace tcs {

// Eight neighbouring pixels of the output, before depth-to-space.
struct PixelGroup {
    const std::int32_t* input;  // pair 0, first tap
    int y;
    int x;
};

// `Isa` has: Octet, results of eight output channels for Isa::kGroups groups;
// compute<Kernel>(layer, groups, cout, octet); store_hidden and store_index(layer, group, cout,
// octet, number of group).
template <class Isa, int Kernel>
static inline void run_groups(const PackedLayerView& layer, const PixelGroup* groups, int count) {
    typename Isa::Octet octet;
    for (int cout = 0; cout < layer.cout; cout += 8) {
        Isa::template compute<Kernel>(layer, groups, cout, octet);
        for (int g = 0; g < count; ++g) {
            if (layer.index != nullptr) {
                Isa::store_index(layer, groups[g], cout, octet, g);
            } else {
                Isa::store_hidden(layer, groups[g], cout, octet, g);
            }
        }
    }
}

template <class Isa>
static inline void run_layer(const PackedLayerView& layer) {
    const int across = (layer.width + 7) / 8;
    const int all = across * layer.height;
    PixelGroup groups[Isa::kGroups];
    for (int first = 0; first < all; first += Isa::kGroups) {
        const int count = all - first < Isa::kGroups ? all - first : Isa::kGroups;
        for (int g = 0; g < Isa::kGroups; ++g) {
            const int n = g < count ? first + g : first;  // fill up with a repetition
            const int y = n / across;
            const int x = n % across * 8;
            groups[g] = {layer.input + static_cast<std::size_t>(y) * layer.in_stride +
                             static_cast<std::size_t>(x),
                         y, x};
        }
        if (layer.kernel == 3) {
            run_groups<Isa, 3>(layer, groups, count);
        } else {
            run_groups<Isa, 1>(layer, groups, count);
        }
    }
}

}  // namespace tcs
