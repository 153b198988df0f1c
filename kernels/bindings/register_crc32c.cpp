#include "common.hpp"
#include "tcs/crc32c.hpp"

namespace tcs::python {

void register_crc32c(py::module_& module) {
    module.def(
        "crc32c",
        [](const py::object& data) {
            const ByteView bytes(data, "data");
            const py::gil_scoped_release unlocked;
            return tcs::crc32c(bytes.data(), bytes.size());
        },
        py::arg("data"));
}

}  // namespace tcs::python
