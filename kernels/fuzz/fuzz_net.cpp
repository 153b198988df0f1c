// Packed nets: the input is a file without its check. What opens runs on one unit of 64 x 64.
#include <algorithm>

#include "fuzz.hpp"
#include "tcs/net.hpp"

namespace {

constexpr std::size_t kMostWork = std::size_t{1} << 26;  // of one run: products

/// Products of one unit, or more.
std::size_t work_of(const tcs::Net& net) {
    std::size_t products = 0;
    for (const tcs::NetLayer& layer : net.layers)
        products += layer.weight.size() * (4096 >> (2 * std::min(layer.level, 6)));
    return products;
}

void use(const tcs::Net& net) {
    if (work_of(net) > kMostWork) return;
    const std::size_t latent = static_cast<std::size_t>(net.latent) * 16;
    const std::size_t hyper = static_cast<std::size_t>(net.hyper);
    const std::vector<float> gains(latent + hyper, 1.5F);
    std::vector<std::uint8_t> pixels(64 * 64 * 3, 200);
    std::vector<std::int8_t> z_hat(hyper, 3);
    tcs::NetWorkspace workspace;
    if (net.role == tcs::NetRole::analysis) {
        std::vector<float> d(latent), text(static_cast<std::size_t>(net.text_planes) * 16);
        tcs::AnalysisCall call;
        call.pixels = {pixels.data(), 64, 64};
        call.z_gain = call.z_inverse_gain = gains.data();
        call.z_hat = z_hat.data();
        call.d = d.data();
        call.text = text.empty() ? nullptr : text.data();
        tcs::analyse(net, workspace, {64, 64}, call);
    } else {
        const std::vector<std::int16_t> r(latent, -7);
        tcs::SynthesisCall call;
        call.z_hat = z_hat.data();
        call.r = r.data();
        call.inverse_gain = call.z_inverse_gain = gains.data();
        call.pixels = pixels.data();
        call.shown = {64, 64};
        tcs::synthesise(net, workspace, {64, 64}, call);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::accepted([&] { tcs::parse_net(data, size); });
    fuzz::Bytes file(data, data + size);
    fuzz::append_u32(file, tcs::crc32c(data, size));
    fuzz::accepted([&] { use(tcs::parse_net(file.data(), file.size())); });
    return 0;
}
