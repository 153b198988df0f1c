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

// Products in int16 operands: compilers have instructions for them.
template <typename Element>
void dots(const Element* a, const std::int8_t* w, std::size_t count, std::size_t rows,
          std::int32_t* sums) {
    for (std::size_t n = 0; n < rows; ++n, w += count) {
        std::int32_t sum = 0;
        for (std::size_t i = 0; i < count; ++i)
            sum += std::int32_t{static_cast<std::int16_t>(a[i])} * std::int16_t{w[i]};
        sums[n] += sum;
    }
}

void taps(const std::uint8_t* patch, const std::int8_t* w, std::size_t count, std::size_t channels,
          std::int32_t* sums) {
    taps_from(0, patch, w, count, channels, sums);
}

void requantise(std::int32_t* sums, const std::int32_t* mult, int shift, std::int32_t zero,
                std::size_t count) {
    requantise_from(0, sums, mult, shift, zero, count);
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
                         dots<std::uint8_t>,
                         dots<std::int16_t>,
                         taps,
                         requantise};

}  // namespace tcs
