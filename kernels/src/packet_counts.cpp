// How many parity packets a message wants.
#include <cmath>
#include <string>

#include "tcs/packets.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

// The chance that at least `data` of `all` packets arrive.
double delivered(std::size_t data, std::size_t all, double loss) {
    double sum = 0;
    for (std::size_t lost = 0; lost + data <= all; ++lost) {
        const auto n = static_cast<double>(all), l = static_cast<double>(lost);
        const double ways = std::lgamma(n + 1) - std::lgamma(l + 1) - std::lgamma(n - l + 1);
        sum += std::exp(ways) * std::pow(loss, l) * std::pow(1 - loss, n - l);
    }
    return sum;
}

bool is_chance(double value) {
    return value >= 0 && value <= 1;
}

}  // namespace

std::size_t parity_of_share(std::size_t data, double share) {
    if (!(share >= 0) || share > static_cast<double>(kMaxAllPackets)) {
        throw Error(ErrorCode::argument,
                    "parity: expected a share of the data packets from 0 to 256, came " +
                        std::to_string(share));
    }
    // What is meant as a whole number of packets is one: 0.3 of 10 are 3.
    const auto parity =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(data) - 1e-9));
    packet_header_size(data, parity);
    return parity;
}

std::size_t parity_for_delivery(std::size_t data, double delivery, double loss) {
    if (!is_chance(delivery) || !is_chance(loss)) {
        throw Error(ErrorCode::argument, "parity: expected chances from 0 to 1, came " +
                                             std::to_string(delivery) + " at " +
                                             std::to_string(loss));
    }
    packet_header_size(data, 0);
    for (std::size_t parity = 0; data + parity <= kMaxAllPackets; ++parity) {
        if (delivered(data, data + parity, loss) >= delivery) return parity;
    }
    throw Error(ErrorCode::argument,
                "parity: " + std::to_string(kMaxAllPackets) + " packets are too few to deliver " +
                    std::to_string(delivery) + " at a loss of " + std::to_string(loss));
}

}  // namespace tcs
