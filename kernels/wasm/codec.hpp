// A model in the module: the tables of its streams and a net of one direction.
#pragma once

#include "c_api.hpp"
#include "exports.hpp"
#include "tcs/bundle.hpp"
#include "tcs/net.hpp"

struct tcs_web_codec {
    tcs::Bundle bundle;
    tcs::Net net;
    tcs::NetWorkspace workspace;  // kept, so that pictures after the first take no memory anew
};

namespace tcs::web {

// Runs `work`, which returns the outcome; what it throws becomes the outcome of a failure.
template <typename Work>
tcs_status outcome_of(const Work& work) {
    std::vector<std::uint8_t> made;
    const tcs_status status = c_api::guard([&] { made = work(); });
    return status == TCS_OK ? done(std::move(made)) : failed(status);
}

inline void put(std::vector<std::uint8_t>& to, std::size_t number) {
    for (int shift = 0; shift < 32; shift += 8)
        to.push_back(static_cast<std::uint8_t>(number >> shift));
}

// A pointer that JavaScript hands back.
template <typename Object>
std::vector<std::uint8_t> handle_of(std::unique_ptr<Object> object) {
    std::vector<std::uint8_t> out;
    put(out, reinterpret_cast<std::size_t>(object.get()));
    static_cast<void>(object.release());
    return out;
}

}  // namespace tcs::web
