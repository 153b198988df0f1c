// libtcs (tcs/tcs.h) with C++ ownership and exceptions.
#pragma once

#include <memory>
#include <vector>

#include "files.hpp"
#include "planes.hpp"
#include "tcs/tcs.h"

namespace example {

// Throws Error with libtcs's message unless the status is TCS_OK.
void check(tcs_status status);

// Releases an array that libtcs allocated.
struct Free {
    void operator()(void* array) const { tcs_free(array); }
};

// Takes over an array that libtcs allocated.
template <typename T>
std::vector<T> take(T* array, std::size_t count) {
    const std::unique_ptr<T, Free> owner(array);
    return std::vector<T>(array, array + count);
}

class Bundle {
public:
    explicit Bundle(const Bytes& data);

    const tcs_bundle_info& info() const { return info_; }

    // (z_hat, d) -> payload, d being the analysis graph's residual.
    Bytes encode(const tcs_tile& tile, const Planes<std::int8_t>& z_hat,
                 const Planes<float>& d) const;
    // (z_hat, r) -> payload.
    Bytes encode(const tcs_tile& tile, const Planes<std::int8_t>& z_hat,
                 const Planes<std::int16_t>& r) const;
    // payload -> (z_hat, r), whose sides the caller has set.
    void decode(const tcs_tile& tile, const std::uint8_t* payload, std::size_t size,
                Planes<std::int8_t>& z_hat, Planes<std::int16_t>& r) const;
    // Factors that undo the gain: (M, 1, 1), or (M, height, width) with a quality map.
    Planes<float> inverse_gain(const tcs_tile& tile) const;

private:
    struct Close {
        void operator()(tcs_bundle* bundle) const { tcs_bundle_close(bundle); }
    };
    std::unique_ptr<tcs_bundle, Close> bundle_;
    tcs_bundle_info info_{};
};

struct Parsed {
    tcs_header header{};
    std::vector<tcs_chunk> chunks;
};

// Chunks up to the end of the first layer.
Parsed parse(const Bytes& stream);

Bytes write(const tcs_header& header, const std::vector<tcs_chunk_data>& chunks);

// (height, width) step offsets -> the payload of a quality map.
Bytes encode_quality_map(const std::vector<std::int8_t>& offsets, int height, int width);

// (height, width) step offsets.
std::vector<std::int8_t> decode_quality_map(const std::uint8_t* data, std::size_t size, int height,
                                            int width);

}  // namespace example
