// Checks of a scale network before anything runs it.
#include <cstdlib>
#include <string>
#include <utility>

#include "scale_network_packed.hpp"
#include "tcs/scale_network.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

void require(bool holds, const std::string& name, const std::string& expected, std::int64_t came) {
    if (!holds)
        throw Error(ErrorCode::bundle, "scale network: " + name + ": expected " + expected +
                                           ", got " + std::to_string(came));
}

void check_shape(const ScaleLayer& layer, const std::string& name, int cin) {
    require(layer.cin == cin && cin <= 1024, name + ".cin", std::to_string(cin) + " (at most 1024)",
            layer.cin);
    require(layer.cout >= 1 && layer.cout <= 1024, name + ".cout", "1..1024", layer.cout);
    require(layer.kernel == 1 || layer.kernel == 3, name + ".kernel", "1 or 3", layer.kernel);
    require(layer.factor == 1 || layer.factor == 2, name + ".factor", "1 or 2", layer.factor);
    require(layer.cout % (layer.factor * layer.factor) == 0, name + ".cout",
            "a multiple of the squared depth-to-space factor", layer.cout);
    require(layer.shift >= 1 && layer.shift <= 62, name + ".shift", "1..62", layer.shift);
    const std::size_t cout = static_cast<std::size_t>(layer.cout);
    const std::size_t taps = static_cast<std::size_t>(layer.cin * layer.kernel * layer.kernel);
    require(layer.weight.size() == cout * taps && layer.bias.size() == cout &&
                layer.mult.size() == cout,
            name, "weight, bias and mult of its shape; weights are",
            static_cast<std::int64_t>(layer.weight.size()));
}

/// |bias| + sum |w| * 32768 < 2^31 per output channel: no accumulator and no partial sum can
/// overflow, whatever the activations.
void check_bound(const ScaleLayer& layer, const std::string& name) {
    const std::size_t taps = static_cast<std::size_t>(layer.cin * layer.kernel * layer.kernel);
    for (std::size_t c = 0; c < layer.bias.size(); ++c) {
        std::int64_t bound = std::llabs(layer.bias[c]);
        for (std::size_t i = c * taps; i < (c + 1) * taps; ++i)
            bound += std::abs(int{layer.weight[i]}) * std::int64_t{32768};
        require(bound < std::int64_t{1} << 31, name + ", output channel " + std::to_string(c),
                "|bias| + sum |weight| * 32768 below 2^31", bound);
    }
}

}  // namespace

ScaleNetwork::ScaleNetwork(std::vector<ScaleLayer> layers, std::vector<std::uint32_t> z_mult,
                           int z_levels, int z_shift, int hyper, int latent)
    : layers_(std::move(layers)),
      z_mult_(std::move(z_mult)),
      z_shift_(z_shift),
      z_levels_(z_levels),
      hyper_(hyper),
      latent_(latent) {
    const std::int64_t count = static_cast<std::int64_t>(layers_.size());
    require(count >= 1 && count <= 8, "layers", "1..8", count);
    require(z_shift >= 1 && z_shift <= 62, "z_shift", "1..62", z_shift);
    require(z_levels >= 1 && z_mult_.size() == static_cast<std::size_t>(z_levels * hyper), "z_mult",
            "one multiplier per level and channel", static_cast<std::int64_t>(z_mult_.size()));
    int cin = hyper;
    int scale = 1;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const std::string name = "layers[" + std::to_string(i) + "]";
        check_shape(layers_[i], name, cin);
        check_bound(layers_[i], name);
        cin = layers_[i].cout / (layers_[i].factor * layers_[i].factor);
        scale *= layers_[i].factor;
    }
    require(scale == 4, "depth-to-space factors", "a product of 4", scale);
    require(layers_.back().factor == 1, "last layer's factor", "1", layers_.back().factor);
    require(cin == latent, "last layer's cout", std::to_string(latent), cin);
    packed_.reserve(layers_.size());
    for (const ScaleLayer& layer : layers_)
        packed_.push_back(pack_layer(layer));
}

}  // namespace tcs
