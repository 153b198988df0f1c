#include <memory>

#include "common.hpp"
#include "tcs/bundle.hpp"

namespace tcs::python {
namespace {

std::shared_ptr<Bundle> open_bundle(const py::object& data) {
    const ByteView bytes(data, "data");
    const py::gil_scoped_release unlocked;
    return std::make_shared<Bundle>(parse_bundle(bytes.data(), bytes.size()));
}

template <std::size_t N>
py::bytes digest_bytes(const std::array<std::uint8_t, N>& digest) {
    return py::bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
}

// A read-only array over a table of the bundle `owner`, which the array keeps alive.
template <typename T>
py::array table(const py::object& owner, const T* values, std::vector<py::ssize_t> shape) {
    py::array_t<T> array(std::move(shape), values, owner);
    array.attr("setflags")(py::arg("write") = false);
    return std::move(array);
}

const Bundle& bundle_of(const py::object& self) {
    return self.cast<const Bundle&>();
}

py::array_t<std::int16_t> scale_indexes(const Bundle& bundle, const py::object& z_hat,
                                        long long level) {
    const py::array array = require_array(z_hat, py::dtype::of<std::int8_t>(),
                                          {bundle.hyper, -1, -1}, "z_hat", "(C_z, hz, wz)");
    require_range(level, 0, bundle.z_levels - 1, "level");
    const auto height = static_cast<int>(4 * require_range(array.shape(1), 1, 255, "hz"));
    const auto width = static_cast<int>(4 * require_range(array.shape(2), 1, 255, "wz"));
    py::array_t<std::int16_t> index({bundle.latent, height, width});
    std::int16_t* const out = index.mutable_data();
    {
        const py::gil_scoped_release unlocked;
        bundle.scale_network.run(static_cast<const std::int8_t*>(array.data()),
                                 static_cast<int>(level), height, width, out);
    }
    return index;
}

std::string repr_bundle(const Bundle& bundle) {
    return "<Bundle wire_id=" + std::to_string(bundle.wire_id) +
           " latent=" + std::to_string(bundle.latent) + " hyper=" + std::to_string(bundle.hyper) +
           " hash=" + digest_bytes(bundle.hash).attr("hex")().cast<std::string>() + ">";
}

}  // namespace

void register_bundle(py::module_& module) {
    const auto steps = [](const py::object& self) {
        const Bundle& bundle = bundle_of(self);
        return table(self, bundle.steps.data(), {kQualities, bundle.latent});
    };
    const auto levels = [](const py::object& self) {
        return table(self, bundle_of(self).z_level_of_quality.data(), {kQualities});
    };
    const auto gains = [](const py::object& self) {
        return table(self, bundle_of(self).gain_of_step.data(), {kSteps});
    };
    const auto inverses = [](const py::object& self) {
        return table(self, bundle_of(self).inverse_of_step.data(), {kSteps});
    };
    const auto z_gain = [](const py::object& self) {
        const Bundle& bundle = bundle_of(self);
        return table(self, bundle.z_gain.data(), {bundle.z_levels, bundle.hyper});
    };
    const auto z_inverse = [](const py::object& self) {
        const Bundle& bundle = bundle_of(self);
        return table(self, bundle.z_inverse_gain.data(), {bundle.z_levels, bundle.hyper});
    };
    py::class_<Bundle, std::shared_ptr<Bundle>>(module, "Bundle")
        .def(py::init(&open_bundle), py::arg("data"))
        .def_readonly("wire_id", &Bundle::wire_id)
        .def_readonly("latent", &Bundle::latent)
        .def_readonly("hyper", &Bundle::hyper)
        .def_readonly("z_levels", &Bundle::z_levels)
        .def_readonly("precision", &Bundle::precision)
        .def_readonly("skip", &Bundle::skip)
        .def_property_readonly("hash", [](const Bundle& b) { return digest_bytes(b.hash); })
        .def_property_readonly("digest", [](const Bundle& b) { return digest_bytes(b.digest); })
        .def_property_readonly("short_hash", &Bundle::short_hash)
        .def_property_readonly("steps", steps)
        .def_property_readonly("z_level_of_quality", levels)
        .def_property_readonly("gain_of_step", gains)
        .def_property_readonly("inverse_of_step", inverses)
        .def_property_readonly("z_gain", z_gain)
        .def_property_readonly("z_inverse_gain", z_inverse)
        .def("scale_indexes", &scale_indexes, py::arg("z_hat"), py::arg("level"))
        .def("__repr__", &repr_bundle);
}

}  // namespace tcs::python
