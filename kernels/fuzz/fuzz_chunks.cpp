// Chunks behind a good header. The input's first bytes choose the picture, then come chunks whose
// checks are right unless bit 6 of their type byte says otherwise.
#include <algorithm>

#include "fuzz.hpp"
#include "tcs/container.hpp"

namespace {

fuzz::Bytes make_header(const std::uint8_t* data) {
    const bool bare = (data[0] & 1) != 0;
    const auto width = static_cast<std::uint8_t>(data[1] % 64 * 16 % 251 + 1);
    if (bare)
        return {0xE1, 0x10, 1, 0, static_cast<std::uint8_t>(data[1] | 0x80), data[2], data[2]};
    fuzz::Bytes out = {0xF4, 0x54, 0x43, 0x01, 0x50, 1, 0, 1, 2, 3, 4, width, 0, data[2], 0, 1};
    out[13] |= 1;
    if ((data[0] & 2) != 0) {  // layers
        out[3] = 0x02;
        out[4] |= 0x80;
    }
    const std::uint32_t sum = tcs::crc32c(out.data(), out.size());
    out.push_back(static_cast<std::uint8_t>(sum));
    out.push_back(static_cast<std::uint8_t>(sum >> 8));
    return out;
}

// Each chunk of the input: type, length, payload. Length bytes above 0x3F are copied as they are.
fuzz::Bytes make_stream(const std::uint8_t* data, std::size_t size) {
    fuzz::Bytes out = make_header(data);
    std::size_t at = 3;
    while (at + 2 <= size) {
        const std::uint8_t type = data[at];
        const std::size_t length = std::min<std::size_t>(data[at + 1] & 0x3F, size - at - 2);
        const std::size_t start = out.size();
        out.push_back(static_cast<std::uint8_t>(type & 0xBF));
        out.push_back(data[at + 1] > 0x3F ? data[at + 1] : static_cast<std::uint8_t>(length));
        out.insert(out.end(), data + at + 2, data + at + 2 + length);
        const std::uint32_t sum = tcs::crc32c(out.data() + start, out.size() - start);
        fuzz::append_u32(out, (type & 0x40) != 0 ? sum ^ 1 : sum);
        at += 2 + length;
    }
    return out;
}

fuzz::Bytes rewrite(const fuzz::Bytes& stream, const tcs::Stream& found) {
    std::vector<tcs::ChunkData> chunks;
    for (const tcs::Chunk& chunk : found.chunks) {
        chunks.push_back({chunk.type, stream.data() + chunk.offset, chunk.length});
    }
    return tcs::write(found.header, chunks);
}

void check(const fuzz::Bytes& stream) {
    fuzz::accepted([&] {
        const tcs::Stream found = tcs::parse(stream.data(), stream.size());
        const bool whole = std::all_of(found.chunks.begin(), found.chunks.end(),
                                       [](const tcs::Chunk& chunk) { return chunk.crc_ok; });
        fuzz::expect(!whole || rewrite(stream, found) == stream, "a stream has one spelling");
    });
    fuzz::accepted([&] {
        const tcs::Stream found = tcs::parse(stream.data(), stream.size(), {true, false});
        const tcs::Stream first = tcs::parse(stream.data(), stream.size(), {true, true});
        for (const tcs::Chunk& chunk : found.chunks) {
            fuzz::expect(chunk.offset <= stream.size(), "offset");
            fuzz::expect(chunk.length <= stream.size() - chunk.offset, "length");
        }
        fuzz::expect(first.chunks.size() <= found.chunks.size(), "the first layer is a part");
        for (std::size_t i = 0; i < first.chunks.size(); ++i)
            fuzz::expect(first.chunks[i].offset == found.chunks[i].offset, "the same chunks");
    });
    fuzz::accepted([&] { tcs::parse(stream.data(), stream.size(), {false, true}); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    check(make_stream(data, size));
    check(fuzz::Bytes(data, data + size));
    return 0;
}
