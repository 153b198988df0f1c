// Chunks behind a good header. The input's first bytes choose the picture, then come chunks whose
// checks are right for their places unless bit 6 of their type byte says otherwise.
#include <algorithm>
#include <utility>

#include "fuzz.hpp"
#include "tcs/container.hpp"
#include "tcs/varint.hpp"

namespace {

using Chunks = std::vector<tcs::Chunk>;

constexpr std::uint8_t kBare = 1, kLayers = 2, kFormer = 4;  // bits of the input's first byte

void append_header_check(fuzz::Bytes& out) {
    const std::uint32_t sum = tcs::crc32c(out.data(), out.size());
    out.push_back(static_cast<std::uint8_t>(sum));
    out.push_back(static_cast<std::uint8_t>(sum >> 8));
}

fuzz::Bytes make_header(const std::uint8_t* data) {
    const auto width = static_cast<std::uint8_t>(data[1] % 64 * 16 % 251 + 1);
    if ((data[0] & kBare) != 0)
        return {0xE1, 0x10, 1, 0, static_cast<std::uint8_t>(data[1] | 0x80), data[2], data[2]};
    const bool layers = (data[0] & kLayers) != 0;
    fuzz::Bytes out = {0xF4, 0x54, 0x43, 0x04, 0xD0, 1, 0, 1, 2, 3, 4, width, 0, data[2], 0};
    out[13] |= 1;
    if ((data[0] & kFormer) != 0) {
        out[3] = layers ? 0x02 : 0x01;
        out[4] = layers ? 0xD0 : 0x50;
        out.push_back(1);  // tiles of 64
    } else {
        const std::uint8_t rest[] = {static_cast<std::uint8_t>(layers ? 5 : 1), 1, 0x34, 0x12};
        out.insert(out.end(), rest, rest + sizeof rest);
    }
    append_header_check(out);
    return out;
}

// The sum from which a chunk's check starts: of header and place, or nothing before 0.4.
std::uint32_t sum_before(const fuzz::Bytes& header, std::uint8_t place, bool former) {
    if (former) return 0;
    const std::uint8_t bytes[4] = {static_cast<std::uint8_t>(place & 0x3F), 0, 0,
                                   static_cast<std::uint8_t>(place & 0xC0)};
    return tcs::crc32c(bytes, sizeof bytes, tcs::crc32c(header.data(), header.size()));
}

// Each chunk of the input: type, length, place, payload. The place's low bits are the tile, bit 6
// says that it has a map, bit 7 the base layer. Length bytes above 0x3F are copied as they are.
fuzz::Bytes make_stream(const std::uint8_t* data, std::size_t size) {
    const fuzz::Bytes header = make_header(data);
    fuzz::Bytes out = header;
    std::size_t at = 3;
    while (at + 3 <= size) {
        const std::uint8_t type = data[at];
        const std::size_t length = std::min<std::size_t>(data[at + 1] & 0x3F, size - at - 3);
        const std::uint8_t* const payload = data + at + 3;
        const std::size_t start = out.size();
        out.push_back(static_cast<std::uint8_t>(type & 0xBF));
        out.push_back(data[at + 1] > 0x3F ? data[at + 1] : static_cast<std::uint8_t>(length));
        out.insert(out.end(), payload, payload + length);
        const std::uint32_t before = sum_before(header, data[at + 2], (data[0] & kFormer) != 0);
        const std::uint32_t sum = tcs::crc32c(out.data() + start, out.size() - start, before);
        fuzz::append_u32(out, (type & 0x40) != 0 ? sum ^ 1 : sum);
        at += 3 + length;
    }
    return out;
}

bool sound(const Chunks& chunks) {
    return std::all_of(chunks.begin(), chunks.end(), [](const tcs::Chunk& chunk) {
        return chunk.fault == tcs::ChunkFault::none;
    });
}

// Whether nothing that a strict parse needs is missing. REQUIRES: no chunk has a fault.
bool complete(const tcs::Header& header, const Chunks& chunks) {
    const auto count = [&](std::uint8_t type) {
        return static_cast<std::uint32_t>(
            std::count_if(chunks.begin(), chunks.end(),
                          [=](const tcs::Chunk& chunk) { return chunk.type == type; }));
    };
    const std::uint32_t layers = header.layered ? 2 : 1;
    return count(tcs::kChunkTile) == layers * tcs::tile_count(header) &&
           count(tcs::kChunkLayer) == layers - 1;
}

// Whether the mark is that of the payloads. REQUIRES: the stream has chunks and they are sound.
bool marked_rightly(const fuzz::Bytes& stream, const tcs::Stream& found) {
    if (!found.header.marked) return found.chunks.size() == 1;
    std::uint32_t sum = 0;
    for (const tcs::Chunk& chunk : found.chunks)
        sum = tcs::crc32c(stream.data() + chunk.offset, chunk.length, sum);
    const tcs::Chunk& first = found.chunks.front();
    const auto length = static_cast<std::uint32_t>(first.length);
    const std::size_t mark = first.offset - tcs::varint_size(length) - 1 - 4;
    return stream[mark] == (sum & 0xFF) && stream[mark + 1] == (sum >> 8 & 0xFF) &&
           found.chunks.size() > 1;
}

void expect_one_spelling(const fuzz::Bytes& stream, const tcs::Stream& found) {
    const bool bare = found.header.bare;
    if (!bare && found.header.version != tcs::kNewestVersion) return;  // read only
    if (!bare && !marked_rightly(stream, found)) return;
    std::vector<tcs::ChunkData> chunks;
    for (const tcs::Chunk& chunk : found.chunks) {
        chunks.push_back({chunk.type, stream.data() + chunk.offset, chunk.length});
    }
    fuzz::expect(tcs::write(found.header, chunks) == stream, "a stream has one spelling");
}

// A concealing reader never has all of a stream, without a word, that a strict one refuses.
void expect_told(const fuzz::Bytes& stream, bool strictly_sound) {
    const bool taken = fuzz::accepted([&] {
        const tcs::Stream found = tcs::parse(stream.data(), stream.size(), {true, false});
        for (const tcs::Chunk& chunk : found.chunks) {
            fuzz::expect(chunk.offset <= stream.size(), "offset");
            fuzz::expect(chunk.length <= stream.size() - chunk.offset, "length");
        }
        const bool whole = sound(found.chunks) && complete(found.header, found.chunks);
        fuzz::expect(whole == strictly_sound, "damage is said, and only damage");
    });
    fuzz::expect(taken || !strictly_sound, "what is sound is taken by all");
}

void check(const fuzz::Bytes& stream) {
    bool strictly_sound = false;
    fuzz::accepted([&] {
        const tcs::Stream found = tcs::parse(stream.data(), stream.size());
        strictly_sound = sound(found.chunks);
        if (strictly_sound) expect_one_spelling(stream, found);
    });
    expect_told(stream, strictly_sound);
    for (const bool lenient : {false, true}) {
        fuzz::accepted([&] {
            const Chunks first = tcs::parse(stream.data(), stream.size(), {lenient, true}).chunks;
            fuzz::expect(std::none_of(first.begin(), first.end(),
                                      [](const tcs::Chunk& chunk) { return chunk.base; }),
                         "the first layer alone");
        });
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    check(make_stream(data, size));
    check(fuzz::Bytes(data, data + size));
    return 0;
}
