#include <algorithm>
#include <cstring>
#include <utility>

#include "ops.hpp"
#include "packed_weights.hpp"
#include "tcs/crc32c.hpp"
#include "tcs/packed_weights.hpp"

namespace tcs {
namespace {

constexpr std::size_t kMaxDimensions = 8;
constexpr std::size_t kCheckBytes = 4;

std::uint32_t little_endian(const std::uint8_t* p, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        value |= std::uint32_t{p[i]} << (8 * i);
    return value;
}

std::string read_name(WeightReader& in) {
    const auto length = static_cast<std::size_t>(in.byte("length of a name"));
    const auto* const text = reinterpret_cast<const char*>(in.take(length, "a name"));
    const std::string name(text, length);
    const auto printable = [](char c) { return c >= 0x21 && c <= 0x7E; };
    if (name.empty() || !std::all_of(name.begin(), name.end(), printable))
        in.refuse("expected a name of 1 to 255 printable characters");
    return name;
}

void read_shape(WeightReader& in, PackedTensor& tensor) {
    const auto dimensions = static_cast<std::size_t>(in.byte("number of dimensions"));
    if (dimensions < 1 || dimensions > kMaxDimensions)
        in.refuse("expected 1..8 dimensions, got " + std::to_string(dimensions));
    std::uint64_t count = 1;
    for (std::size_t i = 0; i < dimensions; ++i) {
        const std::uint32_t side = in.varint("a side");
        count *= side;
        if (side == 0 || count > kMaxVarint)
            in.refuse("expected sides of 1 to " + std::to_string(kMaxVarint) +
                      " weights, got a side of " + std::to_string(side) + " and " +
                      std::to_string(count) + " weights");
        tensor.shape.push_back(side);
    }
    tensor.count = static_cast<std::size_t>(count);
}

/// One width for all channels, or 0 and three bits for each.
void read_bits(WeightReader& in, PackedTensor& tensor) {
    const int bits = in.byte("bits");
    if (bits != 0) {
        tensor.bits.push_back(static_cast<std::uint8_t>(bits));
    } else {
        const std::size_t channels = tensor.shape[0];
        const std::uint8_t* const fields = in.fields(channels, 3, "bits of the channels");
        std::vector<std::int8_t> above(channels);
        ops().unpack_fields(fields, 3, channels, above.data());
        for (const std::int8_t value : above)
            tensor.bits.push_back(static_cast<std::uint8_t>((value & 7) + kMinBits));
        if (std::count(tensor.bits.begin(), tensor.bits.end(), tensor.bits[0]) ==
            static_cast<std::ptrdiff_t>(channels))
            in.refuse("expected channels of different bits, got " + std::to_string(tensor.bits[0]) +
                      " for all");
    }
    for (const std::uint8_t width : tensor.bits) {
        if (width < kMinBits || width > kMaxBits)
            in.refuse("bits: expected 2..8, got " + std::to_string(width));
    }
}

PackedTensor read_tensor(WeightReader& in, std::size_t number) {
    PackedTensor tensor;
    in.enter("tensor " + std::to_string(number) + ": ");
    tensor.name = read_name(in);
    in.enter("tensor '" + tensor.name + "': ");
    read_shape(in, tensor);
    read_bits(in, tensor);
    tensor.size = in.varint("size of the payload");
    tensor.payload = in.take(tensor.size, "the payload");
    if (tensor.count > kDensest * tensor.size)
        in.refuse("expected at most 64 weights a byte, " + std::to_string(tensor.size) +
                  " bytes stand for " + std::to_string(tensor.count));
    return tensor;
}

/// Magic and version. Returns what comes behind them, without the check.
WeightReader open_body(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t least = 8 + kCheckBytes;
    if (size < least)
        refuse_weights("expected at least " + std::to_string(least) + " bytes, got " +
                       std::to_string(size));
    if (std::memcmp(data, "TCSW", 4) != 0)
        refuse_weights("expected the magic bytes 'TCSW' first; these are not packed weights");
    const std::string version = std::to_string(data[4]) + "." + std::to_string(data[5]);
    if (data[4] > 0 || data[5] > 1)
        throw Error(ErrorCode::newer_version, "packed weights: expected version 0.1, got " +
                                                  version + "; update this library");
    if (data[5] < 1) refuse_weights("expected version 0.1, got " + version);
    if (little_endian(data + size - kCheckBytes, kCheckBytes) != crc32c(data, size - kCheckBytes))
        refuse_weights("the checksum does not fit the bytes; the file is damaged, fetch it again");
    WeightReader in(data, size - kCheckBytes, "");
    in.take(6, "magic and version");
    return in;
}

}  // namespace

std::vector<PackedTensor> parse_packed_weights(const std::uint8_t* data, std::size_t size) {
    WeightReader in = open_body(data, size);
    const std::size_t count = little_endian(in.take(2, "number of tensors"), 2);
    if (count == 0) in.refuse("expected at least one tensor, got none");
    std::vector<PackedTensor> tensors;
    for (std::size_t i = 0; i < count; ++i) {
        tensors.push_back(read_tensor(in, i));
        if (i > 0 && tensors[i].name <= tensors[i - 1].name)
            in.refuse("expected names in ascending order, got '" + tensors[i].name + "' behind '" +
                      tensors[i - 1].name + "'");
    }
    in.enter("");
    if (in.left() != 0)
        in.refuse("expected the end behind the last tensor, " + std::to_string(in.left()) +
                  " bytes follow");
    return tensors;
}

std::vector<PackedTensor> choose_tensors(const std::vector<PackedTensor>& tensors,
                                         const std::vector<std::string>& names) {
    const auto before = [](const PackedTensor& tensor, const std::string& name) {
        return tensor.name < name;
    };
    std::vector<PackedTensor> chosen;
    std::vector<bool> taken(tensors.size());
    for (const std::string& name : names) {
        const auto found = std::lower_bound(tensors.begin(), tensors.end(), name, before);
        if (found == tensors.end() || found->name != name)
            refuse_weights("expected a tensor '" + name + "' among the " +
                           std::to_string(tensors.size()) + " of the file, found none");
        const auto position = static_cast<std::size_t>(found - tensors.begin());
        if (taken[position]) refuse_weights("expected every name once, got '" + name + "' again");
        taken[position] = true;
        chosen.push_back(*found);
    }
    return chosen;
}

}  // namespace tcs
