// Messages to packets, and the header of a packet.
#include <algorithm>
#include <string>

#include "packet_message.hpp"
#include "tcs/packets.hpp"
#include "tcs/status.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

constexpr std::uint8_t kLongBit = 0x80;

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::argument, message);
}

std::string number(std::size_t value) {
    return std::to_string(value);
}

PacketBytes packet_of(const PacketHeader& header, const PacketBytes& body) {
    PacketBytes packet;
    packet.reserve(header.size + body.size());
    const auto data = static_cast<unsigned>(header.data) - 1U;
    const auto index = static_cast<unsigned>(header.index);
    if (header.size == 2) {
        packet.push_back(static_cast<std::uint8_t>(data << 4U | index));
    } else {
        packet.push_back(static_cast<std::uint8_t>(kLongBit | data));
        packet.push_back(static_cast<std::uint8_t>(index));
    }
    packet.push_back(header.number);
    packet.insert(packet.end(), body.begin(), body.end());
    return packet;
}

PacketBytes message_with(const std::uint8_t* message, std::size_t size, const std::uint8_t* preview,
                         std::size_t preview_size) {
    if (size == 0) refuse("message: expected at least one byte, came none");
    if (message[0] == kPreviewMark) {
        refuse(
            "message: expected a stream, came bytes that begin with 0xC0, as those with a "
            "preview do");
    }
    PacketBytes whole;
    if (preview_size > 0) {
        whole.push_back(kPreviewMark);
        append_varint(whole,
                      static_cast<std::uint32_t>(std::min<std::size_t>(preview_size, kMaxVarint)));
        whole.insert(whole.end(), preview, preview + preview_size);
    }
    whole.insert(whole.end(), message, message + size);
    return whole;
}

}  // namespace

PacketHeader read_packet_header(const std::uint8_t* packet, std::size_t size) {
    if (size > kMaxPacket) {
        throw Error(ErrorCode::limit, "packet: expected at most " + number(kMaxPacket) +
                                          " bytes, came " + number(size));
    }
    PacketHeader header;
    header.size = size > 0 && (packet[0] & kLongBit) != 0 ? 3 : 2;
    if (size <= header.size) {
        throw Error(ErrorCode::truncated, "packet: expected " + number(header.size) +
                                              " bytes of header and a byte behind it, came " +
                                              number(size));
    }
    const unsigned first = packet[0];
    header.number = packet[header.size - 1];
    header.data = static_cast<std::uint16_t>(1 + (header.size == 2 ? first >> 4U : first & 0x7FU));
    header.index = header.size == 2 ? static_cast<std::uint16_t>(first & 0x0FU) : packet[1];
    return header;
}

std::size_t packet_header_size(std::size_t data, std::size_t parity) {
    if (data < 1 || data > kMaxDataPackets || parity > kMaxAllPackets - data) {
        refuse("packets: expected 1 to " + number(kMaxDataPackets) + " of data and at most " +
               number(kMaxAllPackets) + " in all, came " + number(data) + " and " + number(parity) +
               " of parity; take a larger payload or less parity");
    }
    return data <= kShortData && data + parity <= kShortAll ? 2 : 3;
}

Cut cut_message(std::size_t size, std::size_t payload, std::size_t parity, std::size_t first) {
    if (payload < 4 || payload > kMaxPacket) {
        refuse("payload: expected 4 to " + number(kMaxPacket) + " bytes, came " + number(payload));
    }
    if (size == 0) refuse("message: expected at least one byte, came none");
    // A shorter header leaves more room, so that a second look may need fewer packets than a first.
    for (const std::size_t header : {std::size_t{2}, std::size_t{3}}) {
        const std::size_t room = payload - header;
        const std::size_t fewest = (size + room - 1) / room;
        const std::size_t block = std::max((size + fewest - 1) / fewest, std::min(first, room));
        const Cut cut{(size + block - 1) / block, block};
        if (header == 3 || (cut.data <= kMaxDataPackets && parity <= kMaxAllPackets - cut.data &&
                            packet_header_size(cut.data, parity) == header)) {
            packet_header_size(cut.data, parity);
            return cut;
        }
    }
    return {};
}

std::vector<PacketBytes> split_message(const std::uint8_t* message, std::size_t size,
                                       std::size_t payload, std::size_t parity,
                                       const std::uint8_t* preview, std::size_t preview_size) {
    PacketBytes whole = message_with(message, size, preview, preview_size);
    const std::size_t first = whole.size() - size;
    PacketHeader header;
    header.number = message_number(whole);
    append_end(whole);
    const Cut cut = cut_message(whole.size(), payload, parity, first);
    header.data = static_cast<std::uint16_t>(cut.data);
    header.size = packet_header_size(cut.data, parity);
    if (first > cut.block) {
        refuse("preview: expected at most " + number(cut.block - (first - preview_size)) +
               " bytes, which the first packet holds, came " + number(preview_size));
    }
    std::vector<PacketBytes> blocks;
    for (std::size_t at = 0; at < whole.size(); at += cut.block) {
        const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t length = std::min(cut.block, whole.size() - at);
        blocks.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(length));
    }
    std::vector<PacketBytes> packets;
    for (std::size_t index = 0; index < cut.data + parity; ++index) {
        header.index = static_cast<std::uint16_t>(index);
        packets.push_back(packet_of(
            header, index < cut.data ? blocks[index] : parity_block(blocks, index, cut.block)));
    }
    return packets;
}

}  // namespace tcs
