// The Python module tcsdk._kernels; tcsdk/_kernels.pyi documents it.
#include "common.hpp"

PYBIND11_MODULE(_kernels, module) {
    using namespace tcs::python;
    module.doc() = "libtcs: container, entropy bundle, scale network and rANS of tcsdk.";
    register_errors();
    register_simd(module);
    register_crc32c(module);
    register_container(module);
    register_quality_map(module);
    register_bundle(module);
    register_tile(module);
    register_rans(module);
}
