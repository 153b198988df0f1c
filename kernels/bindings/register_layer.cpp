#include "common.hpp"
#include "tcs/layer.hpp"

namespace tcs::python {
namespace {

Layer make_layer(long long quality, long long wire_id, long long bundle_hash, long long threshold) {
    Layer layer;
    layer.quality = static_cast<std::uint8_t>(require_range(quality, 0, 63, "quality"));
    layer.threshold = static_cast<std::uint8_t>(require_range(threshold, 0, 255, "threshold"));
    layer.wire_id = static_cast<std::uint16_t>(require_range(wire_id, 0, 0xFFFF, "wire_id"));
    layer.bundle_hash =
        static_cast<std::uint32_t>(require_range(bundle_hash, 0, 0xFFFFFFFF, "bundle_hash"));
    return layer;
}

Layer parse_layer(const py::object& data) {
    const ByteView bytes(data, "data");
    return read_layer(bytes.data(), bytes.size());
}

}  // namespace

void register_layer(py::module_& module) {
    py::class_<Layer>(module, "Layer")
        .def(py::init(&make_layer), py::kw_only(), py::arg("quality"), py::arg("wire_id"),
             py::arg("bundle_hash"), py::arg("threshold"))
        .def_static("parse", &parse_layer, py::arg("data"))
        .def("to_bytes", [](const Layer& layer) { return to_bytes(write_layer(layer)); })
        .def_readonly("quality", &Layer::quality)
        .def_readonly("threshold", &Layer::threshold)
        .def_readonly("wire_id", &Layer::wire_id)
        .def_readonly("bundle_hash", &Layer::bundle_hash);
}

}  // namespace tcs::python
