// Packets: the input is a row of packets, each behind its length and its sender; and, read another
// way, a message, how it is cut and which of its packets are lost.
#include <algorithm>
#include <string>

#include "fuzz.hpp"
#include "tcs/packets.hpp"

namespace {

constexpr tcs::JoinerLimits kLimits{8, 1U << 12U};

bool is_numbered(const tcs::Joined& joined) {
    fuzz::Bytes whole = joined.message;
    if (!joined.preview.empty()) {
        // As it was cut: the mark, the length, the preview.
        const auto again =
            tcs::split_message(joined.message.data(), joined.message.size(), tcs::kMaxPacket, 0,
                               joined.preview.data(), joined.preview.size());
        return tcs::read_packet_header(again[0].data(), again[0].size()).number ==
               joined.header.number;
    }
    const std::uint32_t sum = tcs::crc32c(whole.data(), whole.size());
    return (sum & 0xFFU) == joined.header.number;
}

void expect_sound(const tcs::Joiner& joiner, const tcs::Joined& joined) {
    fuzz::expect(joiner.messages() <= kLimits.messages, "few messages are kept");
    fuzz::expect(joiner.bytes() <= kLimits.bytes || joiner.messages() == 1, "and few bytes");
    if (joined.fate != tcs::PacketFate::whole) return;
    fuzz::expect(!joined.message.empty(), "a whole message has bytes");
    const bool preview_only = joined.message.front() == tcs::kPreviewMark;
    fuzz::expect(preview_only || is_numbered(joined), "a whole message has its number");
}

void join_any(const std::uint8_t* data, std::size_t size) {
    tcs::Joiner joiner(kLimits);
    while (size > 1) {
        const std::size_t length = std::min<std::size_t>(data[0] & 0x7FU, size - 1);
        const std::string sender(1, (data[0] & 0x80U) != 0 ? 'a' : 'b');
        fuzz::accepted([&] { expect_sound(joiner, joiner.add(data + 1, length, sender)); });
        data += 1 + length;
        size -= 1 + length;
    }
}

// Bit n of the second and third byte says that packet n is lost.
void lose_some(const std::uint8_t* data, std::size_t size) {
    if (size < 5 || data[4] == tcs::kPreviewMark) return;
    const std::size_t payload = 4 + data[0] % 60U, parity = data[3] % 4U;
    const unsigned lost = data[1] | static_cast<unsigned>(data[2]) << 8U;
    const fuzz::Bytes message(data + 4, data + std::min<std::size_t>(size, 4 + 200));
    std::vector<tcs::PacketBytes> packets;
    try {
        packets = tcs::split_message(message.data(), message.size(), payload, parity);
    } catch (const tcs::Error& error) {
        fuzz::expect(error.code() == tcs::ErrorCode::argument, "too small a payload");
        return;
    }
    const std::size_t wanted = packets.size() - parity;
    tcs::Joiner joiner;
    std::size_t given = 0;
    for (std::size_t n = 0; n < packets.size(); ++n) {
        fuzz::expect(packets[n].size() <= payload, "packets fit");
        if ((lost >> (n % 16U) & 1U) != 0) continue;
        const tcs::Joined joined = joiner.add(packets[n].data(), packets[n].size());
        ++given;
        fuzz::expect((joined.fate == tcs::PacketFate::whole) == (given == wanted), "any will do");
        if (given == wanted) fuzz::expect(joined.message == message, "the message");
        if (given > wanted) fuzz::expect(joined.fate == tcs::PacketFate::late, "late");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    join_any(data, size);
    lose_some(data, size);
    return 0;
}
