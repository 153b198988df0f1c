// Full and bare headers: the input is a header without its check, then the rest of a stream.
#include "fuzz.hpp"
#include "tcs/container.hpp"

namespace {

// Bytes of a header without its check, by what its flags say.
std::size_t header_size(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t fixed = 15;
    if (size <= fixed) return fixed;
    const bool optional = (data[4] & 0x40) != 0;
    if (data[3] != tcs::kNewestVersion) return fixed + (optional ? 1 : 0);
    const unsigned options = optional ? data[fixed] : 0U;
    return fixed + (optional ? 1 : 0) + (options & 1U) + ((options & 2U) != 0 ? 4 : 0) +
           ((data[4] & 0x80) != 0 ? 2 : 0);
}

// What follows the header gets its right check put in between.
fuzz::Bytes with_check(const std::uint8_t* data, std::size_t size) {
    const std::size_t header = header_size(data, size);
    fuzz::Bytes stream(data, data + size);
    if (size < header) return stream;
    const std::uint32_t sum = tcs::crc32c(data, header);
    const std::uint8_t check[2] = {static_cast<std::uint8_t>(sum),
                                   static_cast<std::uint8_t>(sum >> 8)};
    stream.insert(stream.begin() + static_cast<std::ptrdiff_t>(header), check, check + 2);
    return stream;
}

void parse_both(const fuzz::Bytes& stream) {
    fuzz::accepted([&] { tcs::parse(stream.data(), stream.size()); });
    fuzz::accepted([&] {
        const tcs::Stream found = tcs::parse(stream.data(), stream.size(), {true, false});
        const tcs::Header& header = found.header;
        fuzz::expect(header.width >= 1 && header.width <= tcs::kMaxSide, "width");
        fuzz::expect(header.height >= 1 && header.height <= tcs::kMaxSide, "height");
        fuzz::expect(header.shown_width >= header.width, "shown width");
        fuzz::expect(header.shown_height >= header.height, "shown height");
        fuzz::expect(header.quality < 64, "quality");
        fuzz::expect(tcs::tile_count(header) <= tcs::kMaxTiles, "tiles");
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    parse_both(fuzz::Bytes(data, data + size));
    parse_both(with_check(data, size));
    return 0;
}
