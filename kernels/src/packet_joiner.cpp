// Packets to messages.
#include <algorithm>
#include <utility>

#include "packet_message.hpp"
#include "tcs/packets.hpp"

namespace tcs {
namespace {

PacketBytes joined_blocks(const std::vector<PacketBytes>& blocks) {
    PacketBytes all;
    for (const PacketBytes& block : blocks)
        all.insert(all.end(), block.begin(), block.end());
    return all;
}

// What is here of a message that is not whole.
void add_held(const std::map<std::uint16_t, PacketBytes>& held, Joined& joined) {
    joined.held = held.size();
    for (std::uint16_t index = 0; index < joined.header.data; ++index) {
        const auto found = held.find(index);
        if (found == held.end()) {
            joined.missing.push_back(index);
        } else if (joined.missing.empty()) {
            joined.message.insert(joined.message.end(), found->second.begin(), found->second.end());
        }
    }
    if (!take_preview(joined.message, joined.preview)) joined.message.clear();
}

}  // namespace

bool Joiner::Message::is_of(const std::string& from, const PacketHeader& of) const noexcept {
    return header.number == of.number && header.data == of.data && header.size == of.size &&
           sender == from;
}

// Whether a body of this size can be this message's: all blocks are equal but for the last one of
// data, which may be shorter.
bool Joiner::Message::fits_blocks(const PacketHeader& of, std::size_t size) const {
    const bool last = of.index + 1 == header.data;
    if (block != 0) return last ? size <= block : size == block;
    return held.empty() || last || size >= held.begin()->second.size();
}

bool Joiner::Message::agrees(const PacketHeader& of, const PacketBytes& body) const {
    if (!fits_blocks(of, body.size())) return false;
    const auto found = held.find(of.index);
    if (found != held.end()) return found->second == body;
    if (!complete) return true;
    // Of a complete message all data blocks are held: this one is of parity.
    std::vector<PacketBytes> blocks;
    for (std::uint16_t index = 0; index < header.data; ++index)
        blocks.push_back(held.at(index));
    return parity_block(blocks, of.index, block) == body;
}

void Joiner::Message::take(const PacketHeader& of, const PacketBytes& body) {
    if (of.index + 1 != header.data) block = body.size();
    held[of.index] = body;
}

std::size_t Joiner::Message::bytes() const noexcept {
    std::size_t sum = 0;
    for (const auto& [index, body] : held)
        sum += body.size();
    return sum;
}

std::size_t Joiner::bytes() const noexcept {
    std::size_t sum = 0;
    for (const Message& message : messages_)
        sum += message.bytes();
    return sum;
}

Joined Joiner::add(const std::uint8_t* packet, std::size_t size, const std::string& sender) {
    const PacketHeader header = read_packet_header(packet, size);
    const PacketBytes body(packet + header.size, packet + size);
    Joined best;
    bool found = false;
    // What is appended below is not looked at: it holds this packet already.
    const std::size_t count = messages_.size();
    auto message = messages_.begin();
    for (std::size_t n = 0; n < count; ++n) {
        const auto at = message++;
        if (!at->is_of(sender, header) || !at->agrees(header, body)) continue;
        Joined joined = joined_into(at, header, body);
        if (!found || joined.fate < best.fate ||
            (joined.fate == best.fate && joined.held > best.held)) {
            best = std::move(joined);
        }
        found = true;
    }
    if (!found || (best.fate == PacketFate::mixed && header.data > 1)) {
        messages_.push_back({sender, header, 0, {}, false});
        Joined alone = joined_into(std::prev(messages_.end()), header, body);
        if (!found) best = std::move(alone);
    }
    keep_within_limits();
    return best;
}

Joined Joiner::joined_into(Messages::iterator message, const PacketHeader& header,
                           const PacketBytes& body) {
    messages_.splice(messages_.end(), messages_, message);  // the latest one now
    Joined joined;
    joined.header = header;
    if (message->complete) {
        joined.fate = PacketFate::late;
        joined.held = message->header.data;
        return joined;
    }
    joined.fate =
        message->held.count(header.index) != 0 ? PacketFate::duplicate : PacketFate::added;
    const std::size_t block = message->block;
    message->take(header, body);
    if (message->held.size() == header.data) {
        joined = completed(*message, header);
        if (joined.fate == PacketFate::whole) return joined;
        message->held.erase(header.index);  // it is another one's
        message->block = block;
    }
    add_held(message->held, joined);
    if (message->held.empty()) messages_.erase(message);
    return joined;
}

Joined Joiner::completed(Message& message, const PacketHeader& header) {
    Joined joined;
    joined.header = header;
    joined.held = header.data;
    const std::size_t block =
        message.block != 0 ? message.block : message.held.begin()->second.size();
    std::vector<PacketBytes> blocks = recovered_blocks(message.held, header.data, block);
    joined.message = joined_blocks(blocks);
    const bool whole = remove_end(joined.message) &&
                       message_number(joined.message) == header.number &&
                       take_preview(joined.message, joined.preview) && !joined.message.empty();
    if (!whole) {
        joined.fate = PacketFate::mixed;
        joined.message.clear();
        joined.preview.clear();
        return joined;
    }
    joined.fate = PacketFate::whole;
    message.complete = true;
    message.block = block;
    while (blocks.back().size() > 1 && blocks.back().back() == 0)
        blocks.back().pop_back();  // as it was sent
    message.held.clear();
    for (std::uint16_t index = 0; index < header.data; ++index)
        message.held[index] = std::move(blocks[index]);
    return joined;
}

void Joiner::keep_within_limits() {
    while (messages_.size() > 1 &&
           (messages_.size() > limits_.messages || bytes() > limits_.bytes)) {
        std::map<std::string, std::size_t> kept;
        for (const Message& message : messages_)
            kept[message.sender] += message.bytes();
        const auto most = std::max_element(
            kept.begin(), kept.end(),
            [](const auto& one, const auto& other) { return one.second < other.second; });
        messages_.erase(std::find_if(messages_.begin(), messages_.end(), [&](const Message& each) {
            return each.sender == most->first;
        }));
    }
}

}  // namespace tcs
