#include "packet_message.hpp"

#include "tcs/crc32c.hpp"
#include "tcs/status.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

constexpr std::uint8_t kEnd = 0x80;

bool needs_end(const PacketBytes& message) {
    return message.back() == 0 || message.back() == kEnd;
}

}  // namespace

std::uint8_t message_number(const PacketBytes& message) {
    return static_cast<std::uint8_t>(crc32c(message.data(), message.size()) & 0xFFU);
}

void append_end(PacketBytes& message) {
    if (needs_end(message)) message.push_back(kEnd);
}

bool remove_end(PacketBytes& message) {
    while (!message.empty() && message.back() == 0)
        message.pop_back();
    if (message.empty()) return false;
    if (message.back() != kEnd) return true;
    message.pop_back();
    return !message.empty() && needs_end(message);
}

bool take_preview(PacketBytes& message, PacketBytes& preview) {
    if (message.empty() || message.front() != kPreviewMark) return true;
    std::size_t at = 1;
    try {
        const std::size_t size = read_varint(message.data(), message.size(), at, "preview");
        if (message.size() - at < size) return false;
        const auto begin = message.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(size);
        preview.assign(begin, end);
        message.erase(message.begin(), end);
    } catch (const Error&) {
        return false;
    }
    return true;
}

}  // namespace tcs
