// The scale network prepared for vector code.
#pragma once

#include <cstdint>
#include <vector>

#include "tcs/scale_network.hpp"

namespace tcs {

/// REQUIRES a layer that passed the checks of ScaleNetwork's constructor.
PackedLayer pack_layer(const ScaleLayer& layer);

/// ScaleNetwork::run from the network's input on, through ops().layer.
/// a0: (hyper, ceil(height / 4), ceil(width / 4)).
void run_packed(const ScaleNetwork& network, const std::vector<std::int16_t>& a0, int height,
                int width, std::int16_t* index);

}  // namespace tcs
