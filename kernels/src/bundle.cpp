#include "tcs/bundle.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "tcs/crc32c.hpp"
#include "tcs/sha256.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::bundle, "entropy bundle: " + message);
}

void require_range(const std::string& name, std::int64_t value, std::int64_t low,
                   std::int64_t high) {
    if (value < low || value > high)
        refuse(name + ": expected " + std::to_string(low) + ".." + std::to_string(high) + ", got " +
               std::to_string(value));
}

/// Reads little-endian fields in order; never past the end, and allocates only what is there.
class Reader {
public:
    Reader(const std::uint8_t* data, std::size_t size) : next_(data), left_(size) {}

    template <class T>
    T number(const char* name) {
        return array<T>(name, 1)[0];
    }

    template <class T>
    std::vector<T> array(const char* name, std::size_t count) {
        if (count > left_ / sizeof(T))
            refuse(std::string(name) + ": expected " + std::to_string(count * sizeof(T)) +
                   " bytes, " + std::to_string(left_) + " are left; the file is truncated");
        std::vector<T> values(count);
        for (T& value : values)
            value = take<T>();
        return values;
    }

    std::size_t left() const { return left_; }

private:
    template <class T>
    T take() {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i)
            bits |= std::uint32_t{next_[i]} << (8 * i);
        next_ += sizeof(T);
        left_ -= sizeof(T);
        if constexpr (std::is_same_v<T, float>) {
            float value = 0;
            std::memcpy(&value, &bits, sizeof value);
            return value;
        } else {
            return static_cast<T>(bits);
        }
    }

    const std::uint8_t* next_;
    std::size_t left_;
};

/// Gains must be normal positive numbers: products with finite floats are then never NaN, and no
/// result depends on how a thread treats denormal numbers.
void check_gains(const char* name, const float* gains, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (!(std::isnormal(gains[i]) && gains[i] > 0))
            refuse(std::string(name) + "[" + std::to_string(i) +
                   "]: expected a positive normal number, got " + std::to_string(gains[i]));
    }
}

void read_header(Reader& in, Bundle& bundle) {
    const std::vector<std::uint8_t> magic = in.array<std::uint8_t>("magic", 4);
    if (std::memcmp(magic.data(), "TCSB", 4) != 0)
        refuse("expected the magic bytes 'TCSB' first; this is not an entropy bundle");
    const int major = in.number<std::uint8_t>("major");
    const int minor = in.number<std::uint8_t>("minor");
    if (major > 0 || minor > 2)
        throw Error(ErrorCode::newer_version, "entropy bundle: expected version 0.2, got " +
                                                  std::to_string(major) + "." +
                                                  std::to_string(minor) + "; update this library");
    if (minor < 2)
        refuse("expected version 0.2, got " + std::to_string(major) + "." + std::to_string(minor) +
               "; export the model again");
    bundle.wire_id = in.number<std::uint16_t>("wire_id");
    const std::vector<std::uint8_t> digest = in.array<std::uint8_t>("digest", 32);
    std::memcpy(bundle.digest.data(), digest.data(), 32);
    bundle.latent = in.number<std::uint16_t>("M");
    bundle.hyper = in.number<std::uint16_t>("C_z");
    const int qualities = in.number<std::uint8_t>("num_qualities");
    bundle.z_levels = in.number<std::uint8_t>("z_levels");
    bundle.precision = in.number<std::uint8_t>("precision");
    bundle.skip = in.number<std::uint8_t>("skip");
    bundle.z_contexts = in.number<std::uint8_t>("z_contexts");
    require_range("M", bundle.latent, 1, 1024);
    require_range("C_z", bundle.hyper, 1, 256);
    require_range("num_qualities", qualities, kQualities, kQualities);
    require_range("z_levels", bundle.z_levels, 1, kQualities);
    require_range("precision", bundle.precision, 12, 15);
    require_range("skip", bundle.skip, 0, kScales - 1);
    require_range("z_contexts", bundle.z_contexts, 1, kMaxRows / bundle.hyper);
    if (bundle.z_contexts % 2 == 0)
        refuse("z_contexts: expected an odd number, got " + std::to_string(bundle.z_contexts));
}

void read_gains(Reader& in, Bundle& bundle) {
    const std::size_t latent = static_cast<std::size_t>(bundle.latent);
    const std::size_t per_level = static_cast<std::size_t>(bundle.z_levels * bundle.hyper);
    const auto levels = in.array<std::uint8_t>("z_level_of_quality", kQualities);
    for (std::size_t q = 0; q < kQualities; ++q) {
        require_range("z_level_of_quality[" + std::to_string(q) + "]", levels[q], 0,
                      bundle.z_levels - 1);
        bundle.z_level_of_quality[q] = levels[q];
    }
    bundle.steps = in.array<std::int8_t>("steps", kQualities * latent);
    const auto gain = in.array<float>("gain_of_step", kSteps);
    const auto inverse = in.array<float>("inverse_of_step", kSteps);
    check_gains("gain_of_step", gain.data(), kSteps);
    check_gains("inverse_of_step", inverse.data(), kSteps);
    std::memcpy(bundle.gain_of_step.data(), gain.data(), sizeof bundle.gain_of_step);
    std::memcpy(bundle.inverse_of_step.data(), inverse.data(), sizeof bundle.inverse_of_step);
    bundle.z_gain = in.array<float>("z_gain", per_level);
    bundle.z_inverse_gain = in.array<float>("z_inverse_gain", per_level);
    check_gains("z_gain", bundle.z_gain.data(), per_level);
    check_gains("z_inverse_gain", bundle.z_inverse_gain.data(), per_level);
}

RowTable read_rows(Reader& in, const char* name, std::size_t rows, int precision) {
    const auto starts = in.array<std::uint16_t>(name, rows * kRowEntries);
    try {
        return RowTable(starts.data(), rows, precision);
    } catch (const Error& error) {
        refuse(std::string(name) + ": " + error.what());
    }
}

void read_rows(Reader& in, Bundle& bundle) {
    const std::size_t hyper = static_cast<std::size_t>(bundle.hyper);
    const std::size_t levels = static_cast<std::size_t>(bundle.z_levels);
    const std::size_t contexts = static_cast<std::size_t>(bundle.z_contexts);
    bundle.z_centre = in.array<std::int8_t>("z_centre", levels * hyper);
    for (const std::int8_t centre : bundle.z_centre)
        require_range("z_centre", centre, -127, 127);
    bundle.z_rows.reserve(levels);
    for (std::size_t level = 0; level < levels; ++level)
        bundle.z_rows.push_back(read_rows(in, "z_start", contexts * hyper, bundle.precision));
    const auto shift = in.array<std::uint8_t>("r_shift", kScales);
    for (std::size_t i = 0; i < kScales; ++i) {
        require_range("r_shift[" + std::to_string(i) + "]", shift[i], 0, 15);
        bundle.r_shift[i] = shift[i];
    }
    bundle.r_rows.push_back(read_rows(in, "r_start", kScales, bundle.precision));
}

ScaleLayer read_layer(Reader& in) {
    ScaleLayer layer;
    layer.cin = in.number<std::uint16_t>("layer.cin");
    layer.cout = in.number<std::uint16_t>("layer.cout");
    layer.kernel = in.number<std::uint8_t>("layer.kernel");
    layer.factor = in.number<std::uint8_t>("layer.depth_to_space");
    layer.shift = in.number<std::uint8_t>("layer.shift");
    require_range("layer.cin", layer.cin, 1, 1024);
    require_range("layer.cout", layer.cout, 1, 1024);
    require_range("layer.kernel", layer.kernel, 1, 3);
    const std::size_t cout = static_cast<std::size_t>(layer.cout);
    const std::size_t taps = static_cast<std::size_t>(layer.cin * layer.kernel * layer.kernel);
    layer.weight = in.array<std::int8_t>("layer.weight", cout * taps);
    layer.bias = in.array<std::int32_t>("layer.bias", cout);
    layer.mult = in.array<std::uint32_t>("layer.mult", cout);
    return layer;
}

void read_network(Reader& in, Bundle& bundle) {
    auto z_mult =
        in.array<std::uint32_t>("z_mult", static_cast<std::size_t>(bundle.z_levels * bundle.hyper));
    const int z_shift = in.number<std::uint8_t>("z_shift");
    const int count = in.number<std::uint8_t>("layer_count");
    require_range("layer_count", count, 1, 8);
    std::vector<ScaleLayer> layers;
    for (int i = 0; i < count; ++i)
        layers.push_back(read_layer(in));
    if (in.left() != 0)
        refuse("expected its end after the last layer, " + std::to_string(in.left()) +
               " bytes follow");
    bundle.scale_network = ScaleNetwork(std::move(layers), std::move(z_mult), bundle.z_levels,
                                        z_shift, bundle.hyper, bundle.latent);
}

}  // namespace

std::uint32_t Bundle::short_hash() const noexcept {
    return std::uint32_t{hash[0]} | std::uint32_t{hash[1]} << 8 | std::uint32_t{hash[2]} << 16 |
           std::uint32_t{hash[3]} << 24;
}

Bundle parse_bundle(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t checksum_bytes = 4;
    if (size < checksum_bytes) refuse("expected at least 4 bytes, got " + std::to_string(size));
    Bundle bundle;
    Reader in(data, size - checksum_bytes);
    read_header(in, bundle);
    Reader end(data + size - checksum_bytes, checksum_bytes);
    if (end.number<std::uint32_t>("checksum") != crc32c(data, size - checksum_bytes))
        refuse("its checksum does not fit its bytes; the file is damaged, fetch it again");
    bundle.hash = sha256(data, size);
    read_gains(in, bundle);
    read_rows(in, bundle);
    read_network(in, bundle);
    return bundle;
}

}  // namespace tcs
