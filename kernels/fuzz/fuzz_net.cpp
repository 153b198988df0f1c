// Packed nets: the input is a file without its check. What opens runs down a picture of three
// units, one at a time, and must give what it gives at once.
#include <algorithm>
#include <cstdlib>

#include "fuzz.hpp"
#include "tcs/net.hpp"

namespace {

constexpr std::size_t kMostWork = std::size_t{1} << 24;  // of a unit: products
constexpr tcs::NetSize kSize{192, 64};
constexpr std::size_t kUnits = 3;

/// Products of one unit, or more.
std::size_t work_of(const tcs::Net& net) {
    std::size_t products = 0;
    for (const tcs::NetLayer& layer : net.layers)
        products += layer.weight.size() * (4096 >> (2 * std::min(layer.level, 6)));
    return products;
}

void require_equal(bool equal) {
    if (!equal) std::abort();
}

void analyse(const tcs::Net& net, const std::vector<float>& gains) {
    const std::size_t latent = static_cast<std::size_t>(net.latent) * 16;
    const std::size_t hyper = static_cast<std::size_t>(net.hyper);
    const std::size_t planes = static_cast<std::size_t>(net.text_planes) * 16;
    std::vector<std::uint8_t> pixels(kSize.height * 50 * 3, 200);
    for (std::size_t i = 0; i < pixels.size(); i += 7)
        pixels[i] = static_cast<std::uint8_t>(i);
    std::vector<std::int8_t> z_hat(hyper * kUnits), z_rows(z_hat);
    std::vector<float> d(latent * kUnits), text(planes * kUnits), d_rows(latent), text_rows(planes);
    tcs::NetWorkspace workspace;
    tcs::AnalysisCall call;
    call.pixels = {pixels.data(), kSize.height, 50};
    call.z_gain = call.z_inverse_gain = gains.data();
    call.z_hat = z_hat.data();
    call.d = d.data();
    call.text = text.data();
    tcs::analyse(net, workspace, kSize, call);
    call.z_hat = z_rows.data();
    call.d = d_rows.data();
    call.text = text_rows.data();
    tcs::NetRun run(net, workspace, kSize);
    for (std::size_t unit = 0; unit < kUnits; ++unit) {
        run.analyse(1, call);
        for (std::size_t i = 0; i < latent; ++i)
            require_equal(d_rows[i] == d[i / 16 * 16 * kUnits + unit * 16 + i % 16]);
    }
    require_equal(z_hat == z_rows);
}

void synthesise(const tcs::Net& net, const std::vector<float>& gains) {
    const std::size_t hyper = static_cast<std::size_t>(net.hyper);
    const std::vector<std::int8_t> z_hat(hyper * kUnits, 3);
    const std::vector<std::int16_t> r(static_cast<std::size_t>(net.latent) * 16 * kUnits, -7);
    const std::size_t unit_bytes = 64 * 64 * 3;
    std::vector<std::uint8_t> pixels(unit_bytes * kUnits), rows(unit_bytes);
    tcs::NetWorkspace workspace;
    tcs::SynthesisCall call;
    call.z_hat = z_hat.data();
    call.r = r.data();
    call.inverse_gain = call.z_inverse_gain = gains.data();
    call.pixels = pixels.data();
    call.shown = kSize;
    tcs::synthesise(net, workspace, kSize, call);
    call.pixels = rows.data();
    tcs::NetRun run(net, workspace, kSize);
    for (std::size_t unit = 0; unit < kUnits; ++unit) {
        call.units = run.wanted(1) - run.done();
        run.synthesise(1, call);
        require_equal(std::equal(rows.begin(), rows.end(),
                                 pixels.begin() + static_cast<std::ptrdiff_t>(unit * unit_bytes)));
    }
}

void use(const tcs::Net& net) {
    if (work_of(net) > kMostWork) return;
    const std::vector<float> gains(static_cast<std::size_t>(net.latent + net.hyper), 1.5F);
    net.role == tcs::NetRole::analysis ? analyse(net, gains) : synthesise(net, gains);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::accepted([&] { tcs::parse_net(data, size); });
    fuzz::Bytes file(data, data + size);
    fuzz::append_u32(file, tcs::crc32c(data, size));
    fuzz::accepted([&] { use(tcs::parse_net(file.data(), file.size())); });
    return 0;
}
