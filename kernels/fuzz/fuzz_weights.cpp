// Packed weights: the input is a file without its check. What opens is unpacked.
#include "fuzz.hpp"
#include "tcs/packed_weights.hpp"

namespace {

void use(const std::vector<tcs::PackedTensor>& tensors) {
    for (const tcs::PackedTensor& tensor : tensors) {
        std::vector<std::int8_t> weights(tensor.count);
        if (!fuzz::accepted([&] { tcs::unpack_weights(tensor, weights.data()); })) continue;
        const std::size_t length = tensor.count / tensor.shape[0];  // of a channel
        for (std::size_t i = 0; i < tensor.count; ++i) {
            const int bits = tensor.bits[tensor.bits.size() == 1 ? 0 : i / length];
            const int half = 1 << (bits - 1);
            fuzz::expect(-half <= weights[i] && weights[i] < half, "weights have their bits");
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::accepted([&] { tcs::parse_packed_weights(data, size); });
    fuzz::Bytes file(data, data + size);
    fuzz::append_u32(file, tcs::crc32c(data, size));
    fuzz::accepted([&] { use(tcs::parse_packed_weights(file.data(), file.size())); });
    return 0;
}
