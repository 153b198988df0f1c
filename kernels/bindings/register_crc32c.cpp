#include "common.hpp"
#include "tcs/crc16.hpp"
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
    module.def(
        "crc16",
        [](const py::object& data) {
            const ByteView bytes(data, "data");
            return tcs::crc16(bytes.data(), bytes.size());
        },
        py::arg("data"));
    module.def(
        "bundle_check",
        [](long long short_hash) {
            return tcs::bundle_check(
                static_cast<std::uint32_t>(require_range(short_hash, 0, 0xFFFFFFFF, "short_hash")));
        },
        py::arg("short_hash"));
}

}  // namespace tcs::python
