// Packets of the C interface.
#include <string>

#include "c_api.hpp"
#include "tcs/packets.hpp"

using namespace tcs::c_api;

struct tcs_joiner {
    tcs::Joiner joiner;
};

namespace {

static_assert(static_cast<int>(tcs::PacketFate::mixed) == TCS_PACKET_MIXED);

tcs_joined hand_out_joined(const tcs::Joined& from) {
    tcs_joined joined{};
    joined.message = hand_out(from.message);
    joined.size = from.message.size();
    try {
        joined.preview = hand_out(from.preview);
    } catch (...) {
        std::free(joined.message);
        throw;
    }
    joined.preview_size = from.preview.size();
    joined.held = from.held;
    joined.data = from.header.data;
    joined.fate = static_cast<std::uint8_t>(from.fate);
    joined.number = from.header.number;
    return joined;
}

}  // namespace

tcs_status tcs_split(const uint8_t* message, size_t size, size_t payload, size_t parity,
                     const uint8_t* preview, size_t preview_size, tcs_packets* packets) {
    return guard([&] {
        require_bytes(message, size, "message");
        require_bytes(preview, preview_size, "preview");
        require(packets, "packets");
        std::vector<std::uint8_t> bytes;
        std::vector<std::size_t> offsets = {0};
        for (const tcs::PacketBytes& packet :
             tcs::split_message(message, size, payload, parity, preview, preview_size)) {
            bytes.insert(bytes.end(), packet.begin(), packet.end());
            offsets.push_back(bytes.size());
        }
        std::uint8_t* const all = hand_out(bytes);
        try {
            *packets = {all, hand_out(offsets), offsets.size() - 1};
        } catch (...) {
            std::free(all);
            throw;
        }
    });
}

tcs_status tcs_data_packets(size_t size, size_t payload, size_t parity, size_t* data) {
    return guard([&] {
        require(data, "data");
        *data = tcs::cut_message(size, payload, parity).data;
    });
}

tcs_status tcs_parity_for(size_t data, double delivery, double loss, size_t* parity) {
    return guard([&] {
        require(parity, "parity");
        *parity = tcs::parity_for_delivery(data, delivery, loss);
    });
}

tcs_status tcs_joiner_open(size_t messages, size_t bytes, tcs_joiner** joiner) {
    return guard([&] {
        require(joiner, "joiner");
        *joiner = new tcs_joiner{tcs::Joiner({messages, bytes})};
    });
}

void tcs_joiner_close(tcs_joiner* joiner) {
    delete joiner;
}

tcs_status tcs_joiner_add(tcs_joiner* joiner, const uint8_t* packet, size_t size,
                          const uint8_t* sender, size_t sender_size, tcs_joined* joined) {
    return guard([&] {
        require(joiner, "joiner");
        require_bytes(packet, size, "packet");
        require_bytes(sender, sender_size, "sender");
        require(joined, "joined");
        const std::string from(reinterpret_cast<const char*>(sender), sender_size);
        *joined = hand_out_joined(joiner->joiner.add(packet, size, from));
    });
}
