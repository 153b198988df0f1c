// ONNX models, as far as libtcs reads them.
#include "fuzz.hpp"
#include "tcs/onnx_graph.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::accepted([&] {
        for (const tcs::ExternalInitializer& found : tcs::external_initializers(data, size))
            fuzz::expect(found.name.size() + found.location.size() <= size, "names are copied");
    });
    return 0;
}
