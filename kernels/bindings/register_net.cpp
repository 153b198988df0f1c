// Packed nets. Python sees a net that runs on arrays of integers and gains.
#include <memory>
#include <mutex>

#include "common.hpp"
#include "tcs/net.hpp"

namespace tcs::python {
namespace {

// A net and the buffers of its runs.
// INVARIANT: a workspace is in `idle_` or with one run.
class RunnableNet {
public:
    explicit RunnableNet(Net net) : net_(std::move(net)) {}
    const Net& net() const { return net_; }

    template <typename Work>
    void run(const Work& work) {
        std::unique_ptr<NetWorkspace> workspace = take();
        work(*workspace);
        const std::lock_guard<std::mutex> lock(mutex_);
        idle_.push_back(std::move(workspace));
    }

private:
    std::unique_ptr<NetWorkspace> take() {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (idle_.empty()) return std::make_unique<NetWorkspace>();
        std::unique_ptr<NetWorkspace> workspace = std::move(idle_.back());
        idle_.pop_back();
        return workspace;
    }

    Net net_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<NetWorkspace>> idle_;
};

std::shared_ptr<RunnableNet> open_net(const py::object& data) {
    const ByteView bytes(data, "data");
    return std::make_shared<RunnableNet>(parse_net(bytes.data(), bytes.size()));
}

py::tuple run_analysis(RunnableNet& self, const py::object& pixels, const py::object& z_gain,
                       const py::object& z_inverse_gain) {
    const Net& net = self.net();
    const py::array picture =
        require_array(pixels, py::dtype::of<std::uint8_t>(), {-1, -1, 3}, "pixels", "(h, w, 3)");
    const py::ssize_t h = picture.shape(0), w = picture.shape(1);
    py::array_t<std::int8_t> z_hat({py::ssize_t{net.hyper}, h / 64, w / 64});
    py::array_t<float> d({py::ssize_t{net.latent}, h / 16, w / 16});
    py::array_t<float> text({py::ssize_t{net.text_planes}, h / 16, w / 16});
    AnalysisCall call;
    call.pixels = static_cast<const std::uint8_t*>(picture.data());
    call.z_gain = require<float>(z_gain, {net.hyper}, "z_gain", "(C_z,)");
    call.z_inverse_gain = require<float>(z_inverse_gain, {net.hyper}, "z_inverse_gain", "(C_z,)");
    call.z_hat = z_hat.mutable_data();
    call.d = d.mutable_data();
    call.text = text.mutable_data();
    const NetSize size{static_cast<int>(h), static_cast<int>(w)};
    {
        const py::gil_scoped_release unlocked;
        self.run([&](NetWorkspace& workspace) { analyse(net, workspace, size, call); });
    }
    return py::make_tuple(std::move(z_hat), std::move(d), std::move(text));
}

py::array_t<std::uint8_t> run_synthesis(RunnableNet& self, const py::object& z_hat,
                                        const py::object& r, const py::object& inverse_gain,
                                        const py::object& z_inverse_gain) {
    const Net& net = self.net();
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
    {
        const py::gil_scoped_release unlocked;
        self.run([&](NetWorkspace& workspace) { synthesise(net, workspace, size, call); });
    }
    return pixels;
}

}  // namespace

void register_net(py::module_& module) {
    py::class_<RunnableNet, std::shared_ptr<RunnableNet>>(module, "Net")
        .def(py::init(&open_net), py::arg("data"))
        .def_property_readonly("role",
                               [](const RunnableNet& self) {
                                   return self.net().role == NetRole::analysis ? "analysis"
                                                                               : "synthesis";
                               })
        .def("analyse", &run_analysis, py::arg("pixels"), py::arg("z_gain"),
             py::arg("z_inverse_gain"))
        .def("synthesise", &run_synthesis, py::arg("z_hat"), py::arg("r"), py::arg("inverse_gain"),
             py::arg("z_inverse_gain"));
}

}  // namespace tcs::python
