// Quality maps: two bytes of size, then the runs.
#include "fuzz.hpp"
#include "tcs/quality_map.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t height = data[0] % 40 + 1U;
    const std::size_t width = data[1] % 40 + 1U;
    const fuzz::Bytes runs(data + 2, data + size);
    std::vector<std::int8_t> map(height * width);
    const bool read = fuzz::accepted(
        [&] { tcs::decode_quality_map(runs.data(), runs.size(), height, width, map.data()); });
    if (read) {
        fuzz::expect(tcs::encode_quality_map(map.data(), height, width) == runs,
                     "a map has one spelling");
    }
    return 0;
}
