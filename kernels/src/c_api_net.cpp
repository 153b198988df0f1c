// Packed nets and whole pictures of the C interface.
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "c_api.hpp"
#include "tcs/net.hpp"
#include "tcs/picture.hpp"
#include "tcs/status.hpp"

using namespace tcs::c_api;

struct tcs_net {
    tcs::Net net;
    mutable tcs::NetPool pool;
    int threads = 1;
};

tcs_status tcs_net_open(const uint8_t* data, size_t size, tcs_net** net) {
    return guard([&] {
        require_bytes(data, size, "data");
        require(net, "net");
        auto opened = std::make_unique<tcs_net>();
        opened->net = tcs::parse_net(data, size);
        *net = opened.release();
    });
}

void tcs_net_close(tcs_net* net) {
    delete net;
}

tcs_status tcs_net_set_threads(tcs_net* net, int32_t threads) {
    return guard([&] {
        require(net, "net");
        if (threads < 1 || threads > 64)
            throw tcs::Error(tcs::ErrorCode::argument,
                             "threads: expected 1..64, got " + std::to_string(threads));
        net->threads = threads;
    });
}

tcs_status tcs_decode(const tcs_bundle* bundle, const tcs_net* synthesis, const uint8_t* data,
                      size_t size, tcs_picture* picture) {
    return guard([&] {
        require(bundle, "bundle");
        require(synthesis, "synthesis");
        require_bytes(data, size, "data");
        require(picture, "picture");
        synthesis->pool.run(synthesis->threads, [&](tcs::NetWorkspace& workspace) {
            std::unique_ptr<std::uint8_t, decltype(&std::free)> pixels(nullptr, &std::free);
            const auto room = [&](std::size_t bytes) {
                pixels.reset(static_cast<std::uint8_t*>(std::malloc(bytes)));
                if (pixels == nullptr) throw std::bad_alloc();
                return pixels.get();
            };
            const tcs::Picture made =
                tcs::decode_picture(bundle->bundle, synthesis->net, data, size, workspace, room);
            *picture = {made.width, made.height, made.shown_width, made.shown_height,
                        pixels.release()};
        });
    });
}

tcs_status tcs_encode(const tcs_bundle* bundle, const tcs_net* analysis, const uint8_t* pixels,
                      int32_t width, int32_t height, int32_t quality, uint8_t** stream,
                      size_t* size) {
    return guard([&] {
        require(bundle, "bundle");
        require(analysis, "analysis");
        require(pixels, "pixels");
        require(stream, "stream");
        require(size, "size");
        analysis->pool.run(analysis->threads, [&](tcs::NetWorkspace& workspace) {
            const std::vector<std::uint8_t> bytes = tcs::encode_picture(
                bundle->bundle, analysis->net, pixels, width, height, quality, workspace);
            *stream = hand_out(bytes);
            *size = bytes.size();
        });
    });
}
