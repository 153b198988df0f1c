// Packed weights, and which of them an ONNX graph refers to.
#include <pybind11/stl.h>

#include <optional>

#include "common.hpp"
#include "tcs/onnx_graph.hpp"
#include "tcs/packed_weights.hpp"

namespace tcs::python {
namespace {

py::dict unpack(const py::object& data, const std::optional<std::vector<std::string>>& names) {
    const ByteView bytes(data, "data");
    std::vector<PackedTensor> tensors = parse_packed_weights(bytes.data(), bytes.size());
    if (names) tensors = choose_tensors(tensors, *names);
    py::dict arrays;
    std::vector<std::int8_t*> weights;
    for (const PackedTensor& tensor : tensors) {
        py::array_t<std::int8_t> array(tensor.shape);
        weights.push_back(array.mutable_data());
        arrays[py::str(tensor.name)] = array;
    }
    {
        const py::gil_scoped_release unlocked;
        for (std::size_t i = 0; i < tensors.size(); ++i)
            unpack_weights(tensors[i], weights[i]);
    }
    return arrays;
}

// Bytes that are no UTF-8 become question marks: such a name is then not found.
py::str text(const std::string& bytes) {
    const auto size = static_cast<py::ssize_t>(bytes.size());
    return py::reinterpret_steal<py::str>(PyUnicode_DecodeUTF8(bytes.data(), size, "replace"));
}

py::list references(const py::object& model) {
    const ByteView bytes(model, "model");
    py::list pairs;
    for (const ExternalInitializer& found : external_initializers(bytes.data(), bytes.size()))
        pairs.append(py::make_tuple(text(found.name), text(found.location)));
    return pairs;
}

}  // namespace

void register_packed_weights(py::module_& module) {
    module.def("unpack_weights", &unpack, py::arg("data"), py::arg("names") = py::none());
    module.def("external_initializers", &references, py::arg("model"));
}

}  // namespace tcs::python
