#include "common.hpp"
#include "tcs/quality_map.hpp"

namespace tcs::python {
namespace {

py::bytes encode(const py::object& map) {
    const py::array array =
        require_array(map, py::dtype::of<std::int8_t>(), {-1, -1}, "roi", "(h, w)");
    return to_bytes(encode_quality_map(static_cast<const std::int8_t*>(array.data()),
                                       static_cast<std::size_t>(array.shape(0)),
                                       static_cast<std::size_t>(array.shape(1))));
}

py::array_t<std::int8_t> decode(const py::object& data, long long height, long long width) {
    const ByteView bytes(data, "data");
    constexpr auto limit = static_cast<long long>(kMaxMapSide);
    py::array_t<std::int8_t> map(
        {require_range(height, 1, limit, "height"), require_range(width, 1, limit, "width")});
    decode_quality_map(bytes.data(), bytes.size(), static_cast<std::size_t>(height),
                       static_cast<std::size_t>(width), map.mutable_data());
    return map;
}

}  // namespace

void register_quality_map(py::module_& module) {
    module.def("encode_quality_map", &encode, py::arg("roi"));
    module.def("decode_quality_map", &decode, py::arg("data"), py::arg("height"), py::arg("width"));
}

}  // namespace tcs::python
