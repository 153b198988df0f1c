// Whole pictures: a bundle and a net of one model, and streams to pixels and back.
#include "codec.hpp"

#include <cstring>
#include <memory>

#include "tcs/picture.hpp"
#include "tcs/sha256.hpp"

using namespace tcs::web;

// Outcome: the digest. Browsers have their own on secure pages alone.
TCS_WEB tcs_status tcs_web_sha256(const std::uint8_t* data, std::size_t size) {
    return outcome_of([&] {
        const auto digest = tcs::sha256(data, size);
        return std::vector<std::uint8_t>(digest.begin(), digest.end());
    });
}

// Outcome: u32, a codec of one direction: its net is the analysis or the synthesis.
TCS_WEB tcs_status tcs_web_codec_open(const std::uint8_t* bundle, std::size_t bundle_size,
                                      const std::uint8_t* net, std::size_t net_size) {
    return outcome_of([&] {
        return handle_of(std::unique_ptr<tcs_web_codec>(new tcs_web_codec{
            tcs::parse_bundle(bundle, bundle_size), tcs::parse_net(net, net_size), {}}));
    });
}

TCS_WEB void tcs_web_codec_close(tcs_web_codec* codec) {
    delete codec;
}

// Outcome: RGB as coded, whose sides tcs_web_inspect says.
TCS_WEB tcs_status tcs_web_decode(tcs_web_codec* codec, const std::uint8_t* data,
                                  std::size_t size) {
    return outcome_of([&] {
        return tcs::decode_picture(codec->bundle, codec->net, data, size, codec->workspace).pixels;
    });
}

struct tcs_web_encoder {
    std::vector<std::uint8_t> pixels;
    tcs::PictureEncoder encoder;
    tcs::NetWorkspace& workspace;  // the codec's
};

// Outcome: u32, an encoder of one picture, of RGB (height, width, 3), while the codec is open.
TCS_WEB tcs_status tcs_web_encoder_open(tcs_web_codec* codec, const std::uint8_t* pixels,
                                        std::size_t size, std::int32_t width, std::int32_t height,
                                        std::int32_t shown_width, std::int32_t shown_height,
                                        std::int32_t small) {
    return outcome_of([&] {
        const std::size_t expected =
            std::size_t{3} * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
        if (size != expected)
            throw tcs::Error(tcs::ErrorCode::argument, "expected " + std::to_string(expected) +
                                                           " bytes of pixels, got " +
                                                           std::to_string(size));
        std::vector<std::uint8_t> own(pixels, pixels + size);
        const std::uint8_t* const data = own.data();  // stays where it is when the vector moves
        return handle_of(std::unique_ptr<tcs_web_encoder>(
            new tcs_web_encoder{std::move(own),
                                {codec->bundle,
                                 codec->net,
                                 data,
                                 {width, height},
                                 tcs::EncodeOptions{{shown_width, shown_height}, small != 0}},
                                codec->workspace}));
    });
}

// Outcome: the stream of a quality.
TCS_WEB tcs_status tcs_web_encode(tcs_web_encoder* encoder, std::int32_t quality,
                                  std::int32_t adaptive) {
    return outcome_of(
        [&] { return encoder->encoder.stream(quality, adaptive != 0, encoder->workspace); });
}

// Outcome: f32 (2, blocks down, blocks across), what the net says of text; nothing where it does
// not.
TCS_WEB tcs_status tcs_web_encoder_text(tcs_web_encoder* encoder, std::int32_t quality) {
    return outcome_of([&] {
        const std::vector<float> planes = encoder->encoder.text_planes(quality, encoder->workspace);
        std::vector<std::uint8_t> out(planes.size() * sizeof(float));
        if (!planes.empty()) std::memcpy(out.data(), planes.data(), out.size());
        return out;
    });
}

TCS_WEB void tcs_web_encoder_close(tcs_web_encoder* encoder) {
    delete encoder;
}
