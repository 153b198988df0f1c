// Packets of links: a stream cut, and joined again.
#include "tcs/packets.hpp"

#include <memory>

#include "c_api.hpp"
#include "exports.hpp"

using namespace tcs::web;

namespace {

void put(std::vector<std::uint8_t>& to, std::size_t number) {
    for (int shift = 0; shift < 32; shift += 8)
        to.push_back(static_cast<std::uint8_t>(number >> shift));
}

void put(std::vector<std::uint8_t>& to, const std::uint8_t* bytes, std::size_t size) {
    put(to, size);
    to.insert(to.end(), bytes, bytes + size);
}

struct Free {
    void operator()(void* memory) const { tcs_free(memory); }
};

}  // namespace

// Outcome: each packet, its size as u32 before it.
TCS_WEB tcs_status tcs_web_split(const std::uint8_t* message, std::size_t size, std::size_t payload,
                                 std::size_t parity, const std::uint8_t* preview,
                                 std::size_t preview_size) {
    tcs_packets packets{};
    const tcs_status status =
        tcs_split(message, size, payload, parity, preview, preview_size, &packets);
    if (status != TCS_OK) return failed(status);
    const std::unique_ptr<std::uint8_t, Free> bytes(packets.bytes);
    const std::unique_ptr<std::size_t, Free> offsets(packets.offsets);
    std::vector<std::uint8_t> out;
    for (std::size_t n = 0; n < packets.count; ++n) {
        const std::size_t begin = packets.offsets[n];
        put(out, packets.bytes + begin, packets.offsets[n + 1] - begin);
    }
    return done(out.data(), out.size());
}

// Outcome: u32.
TCS_WEB tcs_status tcs_web_data_packets(std::size_t size, std::size_t payload, std::size_t parity) {
    std::size_t data = 0;
    const tcs_status status = tcs_data_packets(size, payload, parity, &data);
    if (status != TCS_OK) return failed(status);
    std::vector<std::uint8_t> out;
    put(out, data);
    return done(out.data(), out.size());
}

// Outcome: u32.
TCS_WEB tcs_status tcs_web_parity_of(std::size_t data, double share) {
    std::vector<std::uint8_t> out;
    const tcs_status status =
        tcs::c_api::guard([&] { put(out, tcs::parity_of_share(data, share)); });
    return status == TCS_OK ? done(out.data(), out.size()) : failed(status);
}

// Outcome: u32.
TCS_WEB tcs_status tcs_web_parity_for(std::size_t data, double delivery, double loss) {
    std::size_t parity = 0;
    const tcs_status status = tcs_parity_for(data, delivery, loss, &parity);
    if (status != TCS_OK) return failed(status);
    std::vector<std::uint8_t> out;
    put(out, parity);
    return done(out.data(), out.size());
}

// Outcome: u32, a joiner for tcs_web_joiner_add() and tcs_web_joiner_close().
TCS_WEB tcs_status tcs_web_joiner_open(std::size_t messages, std::size_t bytes) {
    tcs_joiner* joiner = nullptr;
    const tcs_status status = tcs_joiner_open(messages, bytes, &joiner);
    if (status != TCS_OK) return failed(status);
    std::vector<std::uint8_t> out;
    put(out, reinterpret_cast<std::size_t>(joiner));
    return done(out.data(), out.size());
}

TCS_WEB void tcs_web_joiner_close(tcs_joiner* joiner) {
    tcs_joiner_close(joiner);
}

// Outcome: u32 each of fate, number, held and data; then message and preview, each behind its size.
TCS_WEB tcs_status tcs_web_joiner_add(tcs_joiner* joiner, const std::uint8_t* packet,
                                      std::size_t size, const std::uint8_t* sender,
                                      std::size_t sender_size) {
    tcs_joined joined{};
    const tcs_status status = tcs_joiner_add(joiner, packet, size, sender, sender_size, &joined);
    if (status != TCS_OK) return failed(status);
    const std::unique_ptr<std::uint8_t, Free> message(joined.message), preview(joined.preview);
    std::vector<std::uint8_t> out;
    for (const std::size_t number :
         {std::size_t{joined.fate}, std::size_t{joined.number}, joined.held, joined.data})
        put(out, number);
    put(out, joined.message, joined.size);
    put(out, joined.preview, joined.preview_size);
    return done(out.data(), out.size());
}
