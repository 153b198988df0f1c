// Payloads of layer chunks.
#include "fuzz.hpp"
#include "tcs/layer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Bytes payload(data, data + size);
    fuzz::accepted([&] {
        const tcs::Layer layer = tcs::read_layer(payload.data(), payload.size());
        fuzz::expect(tcs::write_layer(layer) == payload, "a layer has one spelling");
    });
    return 0;
}
