// Packed nets. Python sees a net that runs on arrays of integers and gains.
#include <cstring>
#include <memory>

#include "common.hpp"
#include "tcs/net.hpp"

namespace tcs::python {
namespace {

// A net and the buffers of its runs.
struct RunnableNet {
    explicit RunnableNet(Net opened) : net(std::move(opened)) {}

    Net net;
    NetPool pool;
};

std::shared_ptr<RunnableNet> open_net(const py::object& data) {
    const ByteView bytes(data, "data");
    return std::make_shared<RunnableNet>(parse_net(bytes.data(), bytes.size()));
}

// The nearest level of 0..255 to 255 times a value, ties to even: adding 1.5 * 2^23 leaves a float
// no room behind the point. NaN is 0.
std::uint8_t level_of(float value) {
    const float most = 255.0F, scaled = value * most;
    const float bounded = scaled > 0.0F ? (scaled < most ? scaled : most) : 0.0F;
    const float shifted = bounded + 12582912.0F;
    std::uint32_t bits = 0;
    std::memcpy(&bits, &shifted, sizeof bits);
    return static_cast<std::uint8_t>(bits);
}

// Planes (3, h, w) in 0..1 as pixels.
py::array_t<std::uint8_t> pixels_of(const py::array& planes) {
    const py::ssize_t h = planes.shape(1), w = planes.shape(2), plane = h * w;
    py::array_t<std::uint8_t> pixels({h, w, py::ssize_t{3}});
    const float* const from = static_cast<const float*>(planes.data());
    std::uint8_t* to = pixels.mutable_data();
    const py::gil_scoped_release unlocked;
    for (py::ssize_t i = 0; i < plane; ++i)
        for (py::ssize_t c = 0; c < 3; ++c)
            *to++ = level_of(from[c * plane + i]);
    return pixels;
}

// Pixels as planes (3, h, w) in 0..1.
py::array_t<float> planes_of(const py::array_t<std::uint8_t>& pixels) {
    const py::ssize_t h = pixels.shape(0), w = pixels.shape(1), plane = h * w;
    py::array_t<float> planes({py::ssize_t{3}, h, w});
    const std::uint8_t* from = pixels.data();
    float* const to = planes.mutable_data();
    const py::gil_scoped_release unlocked;
    for (py::ssize_t i = 0; i < plane; ++i)
        for (py::ssize_t c = 0; c < 3; ++c)
            to[c * plane + i] = static_cast<float>(*from++) * (1.0F / 255.0F);
    return planes;
}

py::array taken_pixels(const py::object& pixels) {
    if (py::isinstance<py::array>(pixels) &&
        py::cast<py::array>(pixels).dtype().is(py::dtype::of<float>()))
        return pixels_of(
            require_array(pixels, py::dtype::of<float>(), {3, -1, -1}, "pixels", "(3, h, w)"));
    return require_array(pixels, py::dtype::of<std::uint8_t>(), {-1, -1, 3}, "pixels", "(h, w, 3)");
}

int taken_threads(long long threads) {
    return static_cast<int>(require_range(threads, 1, 1 << 20, "threads"));
}

py::tuple run_analysis(RunnableNet& self, const py::object& pixels, const py::object& z_gain,
                       const py::object& z_inverse_gain, long long threads) {
    const Net& net = self.net;
    const int team = taken_threads(threads);
    const py::array picture = taken_pixels(pixels);
    const py::ssize_t h = picture.shape(0), w = picture.shape(1);
    py::array_t<std::int8_t> z_hat({py::ssize_t{net.hyper}, h / 64, w / 64});
    py::array_t<float> d({py::ssize_t{net.latent}, h / 16, w / 16});
    py::array_t<float> text({py::ssize_t{net.text_planes}, h / 16, w / 16});
    AnalysisCall call;
    call.pixels = {static_cast<const std::uint8_t*>(picture.data()), static_cast<int>(h),
                   static_cast<int>(w)};
    call.z_gain = require<float>(z_gain, {net.hyper}, "z_gain", "(C_z,)");
    call.z_inverse_gain = require<float>(z_inverse_gain, {net.hyper}, "z_inverse_gain", "(C_z,)");
    call.z_hat = z_hat.mutable_data();
    call.d = d.mutable_data();
    call.text = text.mutable_data();
    const NetSize size{static_cast<int>(h), static_cast<int>(w)};
    {
        const py::gil_scoped_release unlocked;
        self.pool.run(team, [&](NetWorkspace& workspace) { analyse(net, workspace, size, call); });
    }
    return py::make_tuple(std::move(z_hat), std::move(d), std::move(text));
}

py::array run_synthesis(RunnableNet& self, const py::object& z_hat, const py::object& r,
                        const py::object& inverse_gain, const py::object& z_inverse_gain,
                        long long threads, bool planes) {
    const Net& net = self.net;
    const int team = taken_threads(threads);
    const py::array z = require_array(z_hat, py::dtype::of<std::int8_t>(), {net.hyper, -1, -1},
                                      "z_hat", "(C_z, h, w)");
    const py::ssize_t h = z.shape(1), w = z.shape(2);
    const py::array gains = require_array(inverse_gain, py::dtype::of<float>(),
                                          {net.latent, -1, -1}, "inverse_gain", "(M, h, w)");
    SynthesisCall call;
    call.z_hat = static_cast<const std::int8_t*>(z.data());
    call.r = require<std::int16_t>(r, {net.latent, 4 * h, 4 * w}, "r", "(M, 4h, 4w)");
    call.mapped = gains.shape(1) != 1 || gains.shape(2) != 1;
    if (call.mapped)
        require<float>(inverse_gain, {net.latent, 4 * h, 4 * w}, "inverse_gain", "(M, 4h, 4w)");
    call.inverse_gain = static_cast<const float*>(gains.data());
    call.z_inverse_gain = require<float>(z_inverse_gain, {net.hyper}, "z_inverse_gain", "(C_z,)");
    py::array_t<std::uint8_t> pixels({64 * h, 64 * w, py::ssize_t{3}});
    call.pixels = pixels.mutable_data();
    const NetSize size{static_cast<int>(64 * h), static_cast<int>(64 * w)};
    call.shown = size;
    {
        const py::gil_scoped_release unlocked;
        self.pool.run(team,
                      [&](NetWorkspace& workspace) { synthesise(net, workspace, size, call); });
    }
    if (planes) return planes_of(pixels);
    return pixels;
}

}  // namespace

void register_net(py::module_& module) {
    py::class_<RunnableNet, std::shared_ptr<RunnableNet>>(module, "Net")
        .def(py::init(&open_net), py::arg("data"))
        .def_property_readonly("role",
                               [](const RunnableNet& self) {
                                   return self.net.role == NetRole::analysis ? "analysis"
                                                                             : "synthesis";
                               })
        .def("analyse", &run_analysis, py::arg("pixels"), py::arg("z_gain"),
             py::arg("z_inverse_gain"), py::kw_only(), py::arg("threads") = 1)
        .def("synthesise", &run_synthesis, py::arg("z_hat"), py::arg("r"), py::arg("inverse_gain"),
             py::arg("z_inverse_gain"), py::kw_only(), py::arg("threads") = 1,
             py::arg("planes") = false);
}

}  // namespace tcs::python
