// tcs_plain: pictures to .tcs streams and back by libtcs alone: no inference engine, no JSON, the
// same bytes and pixels on every machine. This file is all of it but reading and writing files.
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <thread>

#include "error.hpp"
#include "files.hpp"
#include "kernel.hpp"
#include "pnm.hpp"

namespace {

using namespace example;

struct CloseBundle {
    void operator()(tcs_bundle* bundle) const { tcs_bundle_close(bundle); }
};
struct CloseNet {
    void operator()(tcs_net* net) const { tcs_net_close(net); }
};

// What a device keeps open between pictures: an encoder needs the analysis net, a decoder the
// other.
struct Codec {
    std::unique_ptr<tcs_bundle, CloseBundle> bundle;
    std::unique_ptr<tcs_net, CloseNet> net;

    Codec(const std::string& folder, const std::string& role) {
        const Bytes tables = read_file(folder + "/entropy.tcsb");
        tcs_bundle* opened = nullptr;
        check(tcs_bundle_open(tables.data(), tables.size(), &opened));
        bundle.reset(opened);
        const Bytes layers = read_file(folder + "/" + role + ".tcsn");
        tcs_net* proved = nullptr;
        check(tcs_net_open(layers.data(), layers.size(), &proved));
        net.reset(proved);
        const unsigned cores = std::thread::hardware_concurrency();
        check(tcs_net_set_threads(proved, cores == 0   ? 1
                                          : cores > 64 ? 64
                                                       : static_cast<int>(cores)));
    }
};

Bytes encoded(const std::string& input, const std::string& folder, int quality) {
    const Codec codec(folder, "analysis");
    const Picture picture = read_pnm(input, read_file(input));
    std::uint8_t* stream = nullptr;
    std::size_t size = 0;
    check(tcs_encode(codec.bundle.get(), codec.net.get(), picture.pixels.data(), picture.width,
                     picture.height, quality, &stream, &size));
    return take(stream, size);
}

Bytes decoded(const std::string& input, const std::string& folder) {
    const Codec codec(folder, "synthesis");
    const Bytes stream = read_file(input);
    tcs_picture made{};
    check(tcs_decode(codec.bundle.get(), codec.net.get(), stream.data(), stream.size(), &made));
    const std::size_t size = std::size_t{3} * static_cast<std::size_t>(made.width) *
                             static_cast<std::size_t>(made.height);
    return write_ppm({made.width, made.height, take(made.pixels, size)});
}

int quality_of(const std::string& text) {
    std::size_t end = 0;
    int quality = -1;
    try {
        quality = std::stoi(text, &end);
    } catch (const std::exception&) {
    }
    if (end != text.size() || quality < 0 || quality > 63)
        throw UsageError("quality: expected 0..63, got '" + text + "'");
    return quality;
}

void run(int count, char** values) {
    const std::string verb = count > 1 ? values[1] : "";
    const bool encodes = verb == "encode" && (count == 5 || count == 6);
    if (!encodes && !(verb == "decode" && count == 5))
        throw UsageError(
            "expected: encode IN.ppm OUT.tcs MODEL_FOLDER [QUALITY], or decode IN.tcs "
            "OUT.ppm MODEL_FOLDER");
    const int quality = count == 6 ? quality_of(values[5]) : 32;
    const Bytes made =
        encodes ? encoded(values[2], values[4], quality) : decoded(values[2], values[4]);
    write_file(values[3], made, false);
}

}  // namespace

int main(int count, char** values) {
    try {
        run(count, values);
        return 0;
    } catch (const UsageError& error) {
        std::fprintf(stderr, "tcs_plain: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tcs_plain: %s\n", error.what());
        return 1;
    }
}
