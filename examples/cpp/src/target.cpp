#include "target.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "error.hpp"

namespace example {
namespace {

// Sizes fall with quality nearly always, not always (z changes its level between two qualities):
// so many qualities above the one that bisection finds are tried as well.
constexpr int kLookAbove = 2;

}  // namespace

Bytes best_that_fits(const std::function<Bytes(int)>& make, std::size_t max_bytes, int highest) {
    std::map<int, Bytes> streams;
    const auto fits = [&](int quality) {
        if (streams.count(quality) == 0) streams[quality] = make(quality);
        return streams[quality].size() <= max_bytes;
    };
    int low = -1;  // INVARIANT: low fits or is -1, high does not fit or is beyond
    int high = highest + 1;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        (fits(middle) ? low : high) = middle;
    }
    if (low < 0) {
        std::size_t smallest = streams.begin()->second.size();
        for (const auto& [quality, data] : streams)
            smallest = std::min(smallest, data.size());
        throw TargetTooSmallError("--max-bytes " + std::to_string(max_bytes) +
                                  " is too small: the smallest stream of this picture takes " +
                                  std::to_string(smallest) + " bytes");
    }
    int best = low;
    for (int quality = low + 1; quality <= std::min(low + kLookAbove, highest); ++quality) {
        if (fits(quality)) best = quality;
    }
    return streams[best];
}

}  // namespace example
