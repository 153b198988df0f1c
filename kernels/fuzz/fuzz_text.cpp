// Payloads of text chunks: what is read is spelled once, and its places are their corners' again.
#include "fuzz.hpp"
#include "tcs/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 64) return 0;  // a net runs for every character
    const fuzz::Bytes payload(data, data + size);
    tcs::Text text;
    const bool read =
        fuzz::accepted([&] { text = tcs::decode_text(payload.data(), payload.size()); });
    if (!read) return 0;
    fuzz::expect(tcs::encode_text(text) == payload, "a text has one spelling");
    for (const tcs::TextLine& line : text.lines) {
        if (!line.placed) continue;
        fuzz::expect(tcs::place_of(tcs::corners_of(line.place)) == line.place,
                     "a place has one set of corners");
    }
    return 0;
}
