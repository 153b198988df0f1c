// The rANS decoder alone: lanes and number of symbols, then their rows from the bytes, then the
// data.
#include "fuzz.hpp"
#include "tcs/rans.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const tcs::Bundle even = fuzz::golden_bundle("lanes_1");      // 14 bits
    static const tcs::Bundle odd = fuzz::golden_bundle("odd_channels");  // 12 bits
    if (size < 3) return 0;
    constexpr int lane_choices[3] = {1, 8, 32};
    const int lanes = lane_choices[data[0] % 3];
    const tcs::RowTable& table = (data[0] & 0x80) != 0 ? odd.r_rows[0] : even.r_rows[0];
    const std::size_t count = data[1] * std::size_t{4} + data[2] % 4U;
    fuzz::Bytes rows(count);
    for (std::size_t n = 0; n < count; ++n) {
        rows[n] = static_cast<std::uint8_t>((n * 7 + data[2]) % table.size());
    }
    const fuzz::Bytes coded(data + 3, data + size);
    fuzz::Bytes entries(count);
    const bool read = fuzz::accepted([&] {
        tcs::decode_symbols(table, rows.data(), count, coded.data(), coded.size(), lanes,
                            entries.data());
    });
    if (read && lanes <= tcs::kWrittenLanes) {
        fuzz::expect(tcs::encode_symbols(table, rows.data(), entries.data(), count, lanes) == coded,
                     "a rANS stream has one spelling");
    }
    return 0;
}
