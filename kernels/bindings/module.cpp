// The Python module tcsdk._kernels; tcsdk/_kernels.pyi documents it.
#include "common.hpp"

// mod_gil_not_used: libtcs has no shared state that changes. Bundles are immutable, tables are made
// once as function-local constants, the last error of the C interface is one per thread.
PYBIND11_MODULE(_kernels, module, pybind11::mod_gil_not_used()) {
    using namespace tcs::python;
    module.doc() = "libtcs: container, entropy bundle, scale network and rANS of tcsdk.";
    register_errors();
    register_simd(module);
    register_crc32c(module);
    register_container(module);
    register_layer(module);
    register_quality_map(module);
    register_bundle(module);
    register_tile(module);
    register_rans(module);
    register_packed_weights(module);
    register_text(module);
    register_guidance(module);
    register_packets(module);
    register_net(module);
}
