#include <algorithm>
#include <cstring>

#include "ops.hpp"
#include "packed_weights.hpp"
#include "rans_coder.hpp"
#include "tcs/packed_weights.hpp"

namespace tcs {
namespace {

constexpr int kRaw = 0;  // how a run is coded
constexpr int kCoded = 1;
constexpr int kHeadBits = 5;  // of a weight are entropy-coded, those below are stored raw
constexpr std::size_t kLanesFrom = 4096;
// Decoded at once, so that entries and low bits stay in the first-level cache. A multiple of the
// lanes, or the next piece would begin on another one.
constexpr std::size_t kPiece = 4096;

/// All weights of a tensor whose channels have `bits` bits.
struct Run {
    int bits;
    std::size_t count;
    std::int8_t* weights;
};

/// The frequencies of the entries that the width can use, less one each and without the last, which
/// makes the sum 2^12; entries beyond have a frequency of one.
SlotTable read_table(WeightReader& in, int used) {
    const std::uint32_t room =
        (1U << kSlotPrecision) - static_cast<std::uint32_t>(kRowEntries - used);
    std::uint16_t start[kRowEntries] = {};
    std::uint32_t next = 0;
    for (int e = 1; e < used; ++e) {
        next += in.varint("a frequency") + 1;
        if (next >= room)
            in.refuse("expected frequencies below " + std::to_string(room) + " together, got " +
                      std::to_string(next));
        start[e] = static_cast<std::uint16_t>(next);
    }
    for (int e = used; e < kRowEntries; ++e)
        start[e] = static_cast<std::uint16_t>(room + static_cast<std::uint32_t>(e - used));
    return SlotTable(start);
}

/// Entry and low bits make the weight, offset by half of its range.
void join(const std::uint8_t* entries, const std::int8_t* low, int bits, std::size_t count,
          std::int8_t* weights) {
    const int low_bits = std::max(bits - kHeadBits, 0);
    const int mask = (1 << low_bits) - 1;
    const int half = 1 << (bits - 1);
    for (std::size_t i = 0; i < count; ++i)
        weights[i] = static_cast<std::int8_t>((entries[i] << low_bits | (low[i] & mask)) - half);
}

void decode_run(WeightReader& in, const Run& run) {
    const int used = 1 << std::min(run.bits, kHeadBits);
    const int low_bits = std::max(run.bits - kHeadBits, 0);
    const SlotTable table = read_table(in, used);
    const std::size_t size = in.varint("size of the coded weights");
    const std::uint8_t* const coded = in.take(size, "the coded weights");
    const std::uint8_t* low_fields = in.fields(run.count, low_bits, "low bits");
    Decoder decoder(coded, size, run.count < kLanesFrom ? 1 : 8);
    std::uint8_t entries[kPiece];
    std::int8_t low[kPiece] = {};
    for (std::size_t begin = 0; begin < run.count; begin += kPiece) {
        const std::size_t count = std::min(kPiece, run.count - begin);
        decoder.entries(table, count, entries);
        int all = 0;  // as large as the largest entry as far as powers of two go
        for (std::size_t i = 0; i < count; ++i)
            all |= entries[i];
        if (all >= used)
            in.refuse("expected weights of " + std::to_string(run.bits) +
                      " bits, got entries up to " +
                      std::to_string(*std::max_element(entries, entries + count)));
        if (low_bits != 0) {
            ops().unpack_fields(low_fields, low_bits, count, low);
            low_fields += field_bytes(count, low_bits);
        }
        join(entries, low, run.bits, count, run.weights + begin);
    }
    decoder.finish();
}

void read_run(WeightReader& in, const Run& run) {
    const int coding = in.byte("coding");
    if (coding == kRaw) {
        const std::uint8_t* const fields = in.fields(run.count, run.bits, "weights");
        ops().unpack_fields(fields, run.bits, run.count, run.weights);
    } else if (coding == kCoded) {
        try {
            decode_run(in, run);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::weights) throw;
            in.refuse(error.what());
        }
    } else {
        in.refuse("expected coding 0 or 1, got " + std::to_string(coding));
    }
}

/// Channels of different widths: those of each width are one run, in order of channels.
void read_mixed(WeightReader& in, const PackedTensor& tensor, std::int8_t* weights) {
    const std::size_t length = tensor.count / tensor.bits.size();  // of a channel
    std::vector<std::int8_t> scratch;
    for (int bits = kMinBits; bits <= kMaxBits; ++bits) {
        const auto channels = static_cast<std::size_t>(
            std::count(tensor.bits.begin(), tensor.bits.end(), static_cast<std::uint8_t>(bits)));
        if (channels == 0) continue;
        scratch.resize(channels * length);
        read_run(in, {bits, scratch.size(), scratch.data()});
        const std::int8_t* from = scratch.data();
        for (std::size_t c = 0; c < tensor.bits.size(); ++c) {
            if (tensor.bits[c] != bits) continue;
            std::memcpy(weights + c * length, from, length);
            from += length;
        }
    }
}

}  // namespace

void unpack_weights(const PackedTensor& tensor, std::int8_t* weights) {
    WeightReader in(tensor.payload, tensor.size, "tensor '" + tensor.name + "': ");
    if (tensor.bits.size() == 1) {
        read_run(in, {tensor.bits[0], tensor.count, weights});
    } else {
        read_mixed(in, tensor, weights);
    }
    if (in.left() != 0)
        in.refuse("expected the end behind the last weight, " + std::to_string(in.left()) +
                  " bytes follow");
}

}  // namespace tcs
