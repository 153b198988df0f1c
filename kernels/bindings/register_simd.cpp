#include <pybind11/stl.h>

#include "common.hpp"
#include "tcs/simd.hpp"

namespace tcs::python {

void register_simd(py::module_& module) {
    simd_name();  // chooses the variant: a wrong TCSDK_SIMD fails the import here, with its message
    module.def("simd", &simd_name);
    module.def("simd_targets", &simd_targets);
}

}  // namespace tcs::python
