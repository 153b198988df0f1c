// Packed nets. Python sees a net that runs on arrays of integers and gains.
#include <algorithm>
#include <cstring>
#include <memory>

#include "common.hpp"
#include "tcs/net.hpp"
#include "tcs/status.hpp"

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

// The sides of the whole units that hold a picture.
NetSize units_of(py::ssize_t height, py::ssize_t width) {
    const auto rounded = [](py::ssize_t side) {
        return static_cast<int>(
            std::min<py::ssize_t>((side + kNetUnit - 1) / kNetUnit * kNetUnit, 1 << 20));
    };
    return {rounded(height), rounded(width)};
}

// A run of a net; what it borrows of the net goes back with it.
class Running {
public:
    Running(std::shared_ptr<RunnableNet> of, NetSize size, int threads)
        : net_(std::move(of)),
          workspace_(net_->pool.take(threads)),
          run_(net_->net, *workspace_, size),
          size_(size) {}
    ~Running() { net_->pool.give_back(std::move(workspace_)); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    const Net& net() const { return net_->net; }
    NetRun& run() { return run_; }
    py::ssize_t columns(int pixels) const { return size_.width / pixels; }

    // As many units as are left, at most.
    int taken_units(long long units) const {
        return static_cast<int>(require_range(units, 1, run_.all() - run_.done(), "units"));
    }

private:
    std::shared_ptr<RunnableNet> net_;
    std::unique_ptr<NetWorkspace> workspace_;
    NetRun run_;
    NetSize size_;
};

class AnalysisRun {
public:
    AnalysisRun(std::shared_ptr<RunnableNet> net, const py::object& pixels,
                const py::object& z_gain, const py::object& z_inverse_gain, long long threads)
        : picture_(taken_pixels(pixels)),
          gains_{z_gain, z_inverse_gain},
          running_(std::move(net), units_of(picture_.shape(0), picture_.shape(1)),
                   taken_threads(threads)),
          z_hat_({py::ssize_t{running_.net().hyper}, py::ssize_t{running_.run().all()},
                  running_.columns(64)}) {
        call_.pixels = {static_cast<const std::uint8_t*>(picture_.data()),
                        static_cast<int>(picture_.shape(0)), static_cast<int>(picture_.shape(1))};
        const py::ssize_t hyper = running_.net().hyper;
        call_.z_gain = require<float>(z_gain, {hyper}, "z_gain", "(C_z,)");
        call_.z_inverse_gain = require<float>(z_inverse_gain, {hyper}, "z_inverse_gain", "(C_z,)");
        call_.z_hat = z_hat_.mutable_data();
    }

    // d and text of the next units.
    py::tuple next(long long units) {
        const int count = running_.taken_units(units);
        const Net& net = running_.net();
        const py::ssize_t rows = py::ssize_t{4} * count, columns = running_.columns(16);
        py::array_t<float> d({py::ssize_t{net.latent}, rows, columns});
        py::array_t<float> text({py::ssize_t{net.text_planes}, rows, columns});
        call_.d = d.mutable_data();
        call_.text = text.mutable_data();
        {
            const py::gil_scoped_release unlocked;
            running_.run().analyse(count, call_);
        }
        return py::make_tuple(std::move(d), std::move(text));
    }

    py::array z_hat() const { return z_hat_; }

private:
    py::array picture_;
    py::object gains_[2];
    Running running_;
    py::array_t<std::int8_t> z_hat_;
    AnalysisCall call_;
};

class SynthesisRun {
public:
    SynthesisRun(std::shared_ptr<RunnableNet> net, long long height, long long width,
                 long long threads)
        : running_(std::move(net), units_of(height, width), taken_threads(threads)) {}

    py::tuple wanted(long long units) {
        NetRun& run = running_.run();
        return py::make_tuple(run.done(), run.wanted(running_.taken_units(units)));
    }

    // Pixels of the next units.
    py::array_t<std::uint8_t> next(long long units, const py::object& z_hat, const py::object& r,
                                   const py::object& inverse_gain,
                                   const py::object& z_inverse_gain) {
        const int count = running_.taken_units(units);
        const py::ssize_t latent = running_.net().latent, hyper = running_.net().hyper;
        const py::ssize_t given = running_.run().wanted(count) - running_.run().done();
        const py::ssize_t h = 4 * given, w = running_.columns(16);
        SynthesisCall call;
        call.units = static_cast<int>(given);
        call.z_hat = require<std::int8_t>(z_hat, {hyper, given, running_.columns(64)}, "z_hat",
                                          "(C_z, m, w / 64)");
        call.r = require<std::int16_t>(r, {latent, h, w}, "r", "(M, 4 m, w / 16)");
        const py::array gains = require_array(inverse_gain, py::dtype::of<float>(),
                                              {latent, -1, -1}, "inverse_gain", "(M, 4 m, w / 16)");
        call.mapped = gains.shape(1) != 1 || gains.shape(2) != 1;
        if (call.mapped)
            require<float>(inverse_gain, {latent, h, w}, "inverse_gain", "(M, 4 m, w / 16)");
        call.inverse_gain = static_cast<const float*>(gains.data());
        call.z_inverse_gain = require<float>(z_inverse_gain, {hyper}, "z_inverse_gain", "(C_z,)");
        const py::ssize_t rows = py::ssize_t{64} * count, columns = running_.columns(1);
        py::array_t<std::uint8_t> pixels({rows, columns, py::ssize_t{3}});
        call.pixels = pixels.mutable_data();
        call.shown = {kNetUnit * running_.run().all(), static_cast<int>(columns)};
        {
            const py::gil_scoped_release unlocked;
            running_.run().synthesise(count, call);
        }
        return pixels;
    }

private:
    Running running_;
};

py::tuple run_analysis(const std::shared_ptr<RunnableNet>& self, const py::object& pixels,
                       const py::object& z_gain, const py::object& z_inverse_gain,
                       long long threads) {
    const py::array picture = taken_pixels(pixels);
    if (picture.shape(0) % kNetUnit != 0 || picture.shape(1) % kNetUnit != 0)
        throw Error(ErrorCode::argument, "pixels: expected sides that are multiples of 64, got " +
                                             std::to_string(picture.shape(0)) + " x " +
                                             std::to_string(picture.shape(1)));
    AnalysisRun run(self, picture, z_gain, z_inverse_gain, threads);
    const py::tuple planes = run.next(picture.shape(0) / kNetUnit);
    return py::make_tuple(run.z_hat(), planes[0], planes[1]);
}

py::array run_synthesis(const std::shared_ptr<RunnableNet>& self, const py::object& z_hat,
                        const py::object& r, const py::object& inverse_gain,
                        const py::object& z_inverse_gain, long long threads, bool planes) {
    const py::array z = require_array(z_hat, py::dtype::of<std::int8_t>(),
                                      {self->net.hyper, -1, -1}, "z_hat", "(C_z, h, w)");
    SynthesisRun run(self, 64 * z.shape(1), 64 * z.shape(2), threads);
    py::array_t<std::uint8_t> pixels = run.next(z.shape(1), z_hat, r, inverse_gain, z_inverse_gain);
    if (planes) return planes_of(pixels);
    return pixels;
}

}  // namespace

void register_net(py::module_& module) {
    py::class_<AnalysisRun>(module, "AnalysisRun")
        .def("next", &AnalysisRun::next, py::arg("units"))
        .def_property_readonly("z_hat", &AnalysisRun::z_hat);
    py::class_<SynthesisRun>(module, "SynthesisRun")
        .def("wanted", &SynthesisRun::wanted, py::arg("units"))
        .def("next", &SynthesisRun::next, py::arg("units"), py::arg("z_hat"), py::arg("r"),
             py::arg("inverse_gain"), py::arg("z_inverse_gain"));
    using Held = std::shared_ptr<RunnableNet>;
    py::class_<RunnableNet, Held>(module, "Net")
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
             py::arg("planes") = false)
        .def(
            "analysis",
            [](const Held& self, const py::object& pixels, const py::object& z_gain,
               const py::object& z_inverse_gain, long long threads) {
                return std::make_unique<AnalysisRun>(self, pixels, z_gain, z_inverse_gain, threads);
            },
            py::arg("pixels"), py::arg("z_gain"), py::arg("z_inverse_gain"), py::kw_only(),
            py::arg("threads") = 1)
        .def(
            "synthesis",
            [](const Held& self, long long height, long long width, long long threads) {
                return std::make_unique<SynthesisRun>(self, height, width, threads);
            },
            py::arg("height"), py::arg("width"), py::kw_only(), py::arg("threads") = 1);
}

}  // namespace tcs::python
