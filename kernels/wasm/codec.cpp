// Whole pictures: a bundle and a net of one model, and streams to pixels and back.
#include <memory>

#include "exports.hpp"

using namespace tcs::web;

struct tcs_web_codec {
    ~tcs_web_codec() {
        tcs_bundle_close(bundle);
        tcs_net_close(net);
    }
    tcs_bundle* bundle = nullptr;
    tcs_net* net = nullptr;
};

namespace {

void put(std::vector<std::uint8_t>& to, std::size_t number) {
    for (int shift = 0; shift < 32; shift += 8)
        to.push_back(static_cast<std::uint8_t>(number >> shift));
}

}  // namespace

// Outcome: u32, a codec of one direction: its net is the analysis or the synthesis.
TCS_WEB tcs_status tcs_web_codec_open(const std::uint8_t* bundle, std::size_t bundle_size,
                                      const std::uint8_t* net, std::size_t net_size) {
    auto codec = std::make_unique<tcs_web_codec>();
    tcs_status status = tcs_bundle_open(bundle, bundle_size, &codec->bundle);
    if (status == TCS_OK) status = tcs_net_open(net, net_size, &codec->net);
    if (status != TCS_OK) return failed(status);
    std::vector<std::uint8_t> out;
    put(out, reinterpret_cast<std::size_t>(codec.release()));
    return done(out.data(), out.size());
}

TCS_WEB void tcs_web_codec_close(tcs_web_codec* codec) {
    delete codec;
}

// Outcome: u32 each of width, height, shown width and shown height, then RGB as coded.
TCS_WEB tcs_status tcs_web_decode(const tcs_web_codec* codec, const std::uint8_t* data,
                                  std::size_t size) {
    tcs_picture picture{};
    const tcs_status status = tcs_decode(codec->bundle, codec->net, data, size, &picture);
    if (status != TCS_OK) return failed(status);
    const std::unique_ptr<std::uint8_t, void (*)(void*)> owner(picture.pixels, tcs_free);
    std::vector<std::uint8_t> out;
    for (const std::int32_t side :
         {picture.width, picture.height, picture.shown_width, picture.shown_height})
        put(out, static_cast<std::size_t>(side));
    const std::size_t pixels = std::size_t{3} * static_cast<std::size_t>(picture.width) *
                               static_cast<std::size_t>(picture.height);
    out.insert(out.end(), picture.pixels, picture.pixels + pixels);
    return done(out.data(), out.size());
}
