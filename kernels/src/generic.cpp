// The hot loops in plain C++: the specification of every other table of ops.hpp.
#include <algorithm>
#include <cmath>

#include "bit_fields.hpp"
#include "net_tails.hpp"
#include "ops.hpp"
#include "rans_decode_loop.hpp"

namespace tcs {
namespace {

void decode(DecoderLanes& lanes, const DecodeJob& job) {
    decode_rows(lanes, job, [](const Row& row, std::uint32_t slot) {
        std::uint32_t entry = 0;
        for (int e = 1; e < kRowEntries; ++e)
            entry += row.start[e] <= slot ? 1 : 0;
        return entry;
    });
}

std::size_t select(const SelectJob& job) {
    std::fill_n(job.mask, (job.count + 63) / 64, std::uint64_t{0});
    std::size_t coded = 0;
    for (std::size_t i = 0; i < job.count; ++i) {
        const int step = job.steps != nullptr ? job.steps[i] : job.step;
        const int total = std::clamp(job.index[i] + step, 0, 63);
        if (total < job.skip) continue;
        job.mask[i / 64] |= std::uint64_t{1} << (i % 64);
        job.rows[coded++] = static_cast<std::uint8_t>(total);
    }
    return coded;
}

bool quantise(const float* d, const float* gains, float gain, std::size_t count, std::int16_t* r) {
    bool finite = true;
    for (std::size_t i = 0; i < count; ++i) {
        finite = finite && std::isfinite(d[i]);
        if (!finite) break;
        const float v = d[i] * (gains != nullptr ? gains[i] : gain);
        r[i] = static_cast<std::int16_t>(std::nearbyint(std::clamp(v, -32768.0F, 32767.0F)));
    }
    return finite;
}

std::size_t pack(const std::int16_t* r, const std::uint64_t* mask, std::size_t count,
                 std::int16_t* out) {
    std::size_t packed = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if ((mask[i / 64] >> (i % 64) & 1) != 0) out[packed++] = r[i];
    }
    return packed;
}

std::size_t unpack(const std::int16_t* packed, const std::uint64_t* mask, std::size_t count,
                   std::int16_t* r) {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < count; ++i)
        r[i] = (mask[i / 64] >> (i % 64) & 1) != 0 ? packed[taken++] : std::int16_t{0};
    return taken;
}

void unpack_fields(const std::uint8_t* packed, int bits, std::size_t count, std::int8_t* values) {
    unpack_field_groups(packed, bits, count, values);
}

}  // namespace

const Ops kGenericOps = {"generic",
                         decode,
                         nullptr,
                         select,
                         quantise,
                         pack,
                         unpack,
                         unpack_fields,
                         0,
                         1,
                         1,
                         nullptr,
                         plain_dots,
                         plain_taps<std::uint8_t>,
                         plain_taps<std::int16_t>,
                         plain_finish<std::uint8_t>,
                         plain_finish<std::int16_t>};

}  // namespace tcs
