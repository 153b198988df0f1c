// Checks golden vectors without Python, for emulated processors and sanitizers.
//
//   golden_check CASE_FOLDER...     checks each case under the variant that TCSDK_SIMD names
//   golden_check --targets          prints the variants that run here
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tcs/bundle.hpp"
#include "tcs/container.hpp"
#include "tcs/layer.hpp"
#include "tcs/packed_weights.hpp"
#include "tcs/simd.hpp"
#include "tcs/text.hpp"
#include "tcs/tile.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;
using Keys = std::map<std::string, unsigned long>;

void expect(bool holds, const std::string& what) {
    if (!holds) throw std::runtime_error(what);
}

bool exists(const std::string& path) {
    return std::ifstream(path, std::ios::binary).good();
}

Bytes read_bytes(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    expect(file.good(), path + " is missing");
    return Bytes(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

// Little-endian numbers, whatever the machine's order. REQUIRES sizeof(T) <= 4.
template <typename T>
std::vector<T> read_array(const std::string& path, std::size_t count) {
    const Bytes bytes = read_bytes(path);
    expect(bytes.size() == count * sizeof(T), path + " has a wrong size");
    std::vector<T> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t bits = 0;
        for (std::size_t b = 0; b < sizeof(T); ++b) {
            bits |= std::uint32_t{bytes[i * sizeof(T) + b]} << (8 * b);
        }
        if constexpr (sizeof(T) == 4) {
            static_assert(sizeof(float) == 4);
            __builtin_memcpy(&values[i], &bits, 4);
        } else {
            values[i] = static_cast<T>(bits);
        }
    }
    return values;
}

Keys read_keys(const std::string& path) {
    std::ifstream file(path);
    expect(file.good(), path + " is missing");
    Keys keys;
    for (std::string line; std::getline(file, line);) {
        const std::size_t equals = line.find('=');
        expect(equals != std::string::npos, path + ": a line without '='");
        keys[line.substr(0, equals)] = std::stoul(line.substr(equals + 1));
    }
    return keys;
}

int number(const Keys& keys, const std::string& name) {
    return static_cast<int>(keys.at(name));
}

void check_tile(const std::string& folder, const Keys& keys) {
    const Bytes file = read_bytes(folder + "/bundle.tcsb");
    const tcs::Bundle bundle = tcs::parse_bundle(file.data(), file.size());
    const tcs::TileGrid grid{number(keys, "height"), number(keys, "width")};
    const std::size_t z_size = static_cast<std::size_t>(bundle.hyper) * grid.z_plane();
    const std::size_t r_size = static_cast<std::size_t>(bundle.latent) * grid.plane();
    const auto z_hat = read_array<std::int8_t>(folder + "/z_hat.bin", z_size);
    const auto r = read_array<std::int16_t>(folder + "/r.bin", r_size);
    const Bytes payload = read_bytes(folder + "/payload.bin");
    std::vector<std::int8_t> roi;
    if (exists(folder + "/roi.bin")) {
        roi = read_array<std::int8_t>(folder + "/roi.bin", grid.plane());
    }

    std::vector<std::int16_t> index(r_size);
    bundle.scale_network.run(z_hat.data(), number(keys, "level"), grid.height, grid.width,
                             index.data());
    expect(index == read_array<std::int16_t>(folder + "/indexes.bin", r_size), "scale indexes");

    const tcs::TileQuality quality{number(keys, "quality"), roi.empty() ? nullptr : roi.data()};
    const tcs::TileOptions options{number(keys, "skip"), number(keys, "lanes")};
    if (options.lanes <= tcs::kWrittenLanes) {  // more are read only
        expect(tcs::encode_tile(bundle, grid, quality, z_hat.data(), r.data(), options) == payload,
               "payload from r");
    }
    if (exists(folder + "/d.bin")) {
        const auto d = read_array<float>(folder + "/d.bin", r_size);
        expect(tcs::encode_tile(bundle, grid, quality, z_hat.data(), d.data(), options) == payload,
               "payload from d");
    }

    std::vector<std::int8_t> decoded_z(z_size);
    std::vector<std::int16_t> decoded_r(r_size);
    tcs::decode_tile(bundle, grid, quality, payload.data(), payload.size(), decoded_z.data(),
                     decoded_r.data());
    expect(decoded_z == z_hat, "decoded z_hat");
    expect(decoded_r == r, "decoded r");
}

tcs::Header header_of(const Keys& keys) {
    tcs::Header header;
    header.width = static_cast<std::uint32_t>(keys.at("width"));
    header.height = static_cast<std::uint32_t>(keys.at("height"));
    header.quality = static_cast<std::uint8_t>(keys.at("quality"));
    header.wire_id = static_cast<std::uint16_t>(keys.at("wire_id"));
    header.bundle_hash = static_cast<std::uint32_t>(keys.at("bundle_hash"));
    header.tile = static_cast<std::uint32_t>(keys.at("tile"));
    header.bare = keys.at("bare") != 0;
    header.small = keys.count("small") != 0 && keys.at("small") != 0;
    if (header.small) header.bundle_check = static_cast<std::uint16_t>(keys.at("bundle_check"));
    header.layered = keys.count("layered") != 0 && keys.at("layered") != 0;
    if (keys.count("shown_width") != 0) {
        header.shown_width = static_cast<std::uint32_t>(keys.at("shown_width"));
        header.shown_height = static_cast<std::uint32_t>(keys.at("shown_height"));
    }
    return header;
}

void check_header(const tcs::Header& expected, const tcs::Header& came) {
    expect(came.width == expected.width && came.height == expected.height, "size");
    expect(came.tile == expected.tile && came.layered == expected.layered, "tiles and layers");
    expect(came.quality == expected.quality && came.wire_id == expected.wire_id &&
               came.bundle_hash == expected.bundle_hash &&
               came.bundle_check == expected.bundle_check && came.small == expected.small,
           "quality and model");
}

void check_layer(const Keys& keys, const std::vector<Bytes>& payloads) {
    const tcs::Layer layer{static_cast<std::uint8_t>(keys.at("layer_quality")),
                           static_cast<std::uint8_t>(keys.at("layer_threshold")),
                           static_cast<std::uint16_t>(keys.at("layer_wire_id")),
                           static_cast<std::uint32_t>(keys.at("layer_bundle_hash"))};
    const auto found = std::find(payloads.begin(), payloads.end(), tcs::write_layer(layer));
    expect(found != payloads.end(), "the layer chunk");
    const tcs::Layer back = tcs::read_layer(found->data(), found->size());
    expect(tcs::write_layer(back) == *found, "the layer chunk read back");
}

void check_stream(const std::string& folder, const Keys& keys) {
    const Bytes data = read_bytes(folder + "/stream.tcs");
    std::vector<Bytes> payloads;
    for (unsigned long i = 0; i < keys.at("chunks"); ++i) {
        payloads.push_back(read_bytes(folder + "/chunk" + std::to_string(i) + ".bin"));
    }
    std::vector<tcs::ChunkData> chunks;
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        chunks.push_back({static_cast<std::uint8_t>(keys.at("type" + std::to_string(i))),
                          payloads[i].data(), payloads[i].size()});
    }
    const tcs::Header header = header_of(keys);
    const tcs::Stream stream = tcs::parse(data.data(), data.size());
    if (header.bare || stream.header.version == tcs::kNewestVersion) {
        expect(tcs::write(header, chunks) == data, "written stream");
        expect(tcs::write(stream.header, chunks) == data, "parsed header");
    }
    check_header(header, stream.header);
    expect(stream.chunks.size() == chunks.size(), "number of chunks");
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const tcs::Chunk& chunk = stream.chunks[i];
        const std::uint8_t* const begin = data.data() + chunk.offset;
        expect(chunk.fault == tcs::ChunkFault::none && chunk.type == chunks[i].type &&
                   Bytes(begin, begin + chunk.length) == payloads[i],
               "chunk " + std::to_string(i));
    }
    if (header.layered) check_layer(keys, payloads);
}

void check_weights(const std::string& folder, const Keys& keys) {
    const Bytes file = read_bytes(folder + "/weights.tcsw");
    const auto tensors = tcs::parse_packed_weights(file.data(), file.size());
    expect(tensors.size() == keys.at("tensors"), "number of tensors");
    std::vector<std::int8_t> weights(keys.at("weights"));
    std::size_t begin = 0;
    for (const tcs::PackedTensor& tensor : tensors) {
        expect(tensor.count <= weights.size() - begin, "number of weights");
        tcs::unpack_weights(tensor, weights.data() + begin);
        begin += tensor.count;
    }
    expect(weights == read_array<std::int8_t>(folder + "/weights.bin", begin), "weights");
}

// "-" or two hexadecimal digits a byte.
std::string from_hex(const std::string& digits) {
    std::string bytes;
    for (std::size_t i = 0; digits != "-" && i < digits.size(); i += 2)
        bytes.push_back(static_cast<char>(std::stoul(digits.substr(i, 2), nullptr, 16)));
    return bytes;
}

tcs::TextLine read_line(const std::string& row) {
    std::istringstream fields(row);
    tcs::TextLine line;
    int state = 0, confidence = 0;
    std::string string;
    tcs::Place& place = line.place;
    fields >> line.placed >> place.x >> place.y >> place.height >> place.length >> place.angle >>
        state >> confidence >> line.has_string >> string;
    expect(!fields.fail(), "a line of ten fields");
    line.state = static_cast<tcs::LineState>(state);
    line.confidence = static_cast<std::uint8_t>(confidence);
    line.string = from_hex(string);
    return line;
}

void check_text(const std::string& folder, const Keys& keys) {
    const Bytes payload = read_bytes(folder + "/payload.bin");
    tcs::Text text;
    text.verified = keys.at("verified") != 0;
    std::ifstream rows(folder + "/lines.txt");
    for (std::string row; std::getline(rows, row);)
        text.lines.push_back(read_line(row));
    expect(text.lines.size() == keys.at("lines"), "number of lines");
    expect(tcs::encode_text(text) == payload, "payload of a text");
    const tcs::Text back = tcs::decode_text(payload.data(), payload.size());
    expect(back.verified == text.verified && back.lines == text.lines, "decoded text");
}

void check_case(const std::string& folder) {
    const Keys keys = read_keys(folder + "/case.txt");
    if (exists(folder + "/lines.txt")) {
        check_text(folder, keys);
    } else if (exists(folder + "/weights.tcsw")) {
        check_weights(folder, keys);
    } else if (exists(folder + "/stream.tcs")) {
        check_stream(folder, keys);
    } else {
        check_tile(folder, keys);
    }
}

}  // namespace

constexpr int kSkipped = 77;  // TCSDK_SIMD names a variant that this processor lacks

int main(int argc, char** argv) {
    if (argc == 2 && std::string(argv[1]) == "--targets") {
        for (const std::string& name : tcs::simd_targets())
            std::printf("%s\n", name.c_str());
        return 0;
    }
    try {
        tcs::simd_name();
    } catch (const std::exception& error) {
        std::printf("%s\n", error.what());
        return kSkipped;
    }
    int failures = argc < 2 ? 1 : 0;
    for (int i = 1; i < argc; ++i) {
        try {
            check_case(argv[i]);
        } catch (const std::exception& error) {
            std::printf("%s: differs: %s\n", argv[i], error.what());
            ++failures;
        }
    }
    std::printf("golden_check, %s: %d cases, %d failures\n", tcs::simd_name().c_str(), argc - 1,
                failures);
    return failures == 0 ? 0 : 1;
}
