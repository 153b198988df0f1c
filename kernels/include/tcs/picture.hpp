// Whole pictures: bytes <-> pixels, by a bundle and packed nets alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "tcs/bundle.hpp"
#include "tcs/net.hpp"

namespace tcs {

struct Tile;

/// A picture as it is coded; shown_width and shown_height say how large it wants to be shown.
struct Picture {
    int width = 0;
    int height = 0;
    int shown_width = 0;
    int shown_height = 0;
    std::vector<std::uint8_t> pixels;  // (height, width, 3) RGB
};

/// Decodes a stream of one model in one run of the net, with memory beside the picture for some
/// rows of tiles; of a layered stream the first layer. Throws Error as parse() does; corrupt for a
/// damaged or missing tile, bundle_mismatch for a stream of another bundle, limit above 2^26
/// pixels, argument for a net of another model.
Picture decode_picture(const Bundle& bundle, const Net& synthesis, const std::uint8_t* data,
                       std::size_t size, NetWorkspace& workspace);

/// Returns where so many bytes of pixels go.
using PixelRoom = std::function<std::uint8_t*(std::size_t)>;

/// The same with the pixels elsewhere: those of what is returned are none.
Picture decode_picture(const Bundle& bundle, const Net& synthesis, const std::uint8_t* data,
                       std::size_t size, NetWorkspace& workspace, const PixelRoom& room);

/// Sides in pixels.
struct PictureSize {
    int width = 0;
    int height = 0;
};

struct EncodeOptions {
    PictureSize shown;   // no side smaller than the coded one; zeros: as coded
    bool small = false;  // the small profile
};

/// A picture on its way to streams of several qualities: the net runs once per level of z.
/// REQUIRES: bundle, net and pixels outlive it. Not to be shared between threads.
class PictureEncoder {
public:
    /// Of pixels (height, width, 3). Throws Error(argument) for sides out of range and for
    /// a net of another model, limit above 2^26 pixels.
    PictureEncoder(const Bundle& bundle, const Net& analysis, const std::uint8_t* pixels,
                   PictureSize coded, const EncodeOptions& options);
    ~PictureEncoder();

    /// The stream of a quality 0..63, in tiles of 512. `adaptive`: with quality maps of what the
    /// net asks for, where it does. Throws Error(argument) for another quality and for what the
    /// container refuses.
    std::vector<std::uint8_t> stream(int quality, bool adaptive, NetWorkspace& workspace);

    /// The same stream where it is the only one: nothing is kept for others, and a row of tiles is
    /// in memory at a time.
    std::vector<std::uint8_t> only_stream(int quality, bool adaptive, NetWorkspace& workspace);

    /// What the net says of text on the blocks of 16 x 16 pixels of the picture: probabilities,
    /// then steps by which they want to be coded finer; nothing of a net that does not say both.
    std::vector<float> text_planes(int quality, NetWorkspace& workspace);

private:
    struct Analysis;
    using Payloads = std::vector<std::pair<std::uint8_t, std::vector<std::uint8_t>>>;

    NetSize padded() const;
    AnalysisCall call_of(Analysis& said, int quality) const;
    Analysis& analysed(int quality, NetWorkspace& workspace);
    void add_row(Payloads& to, Analysis& said, int y, int quality, bool adaptive) const;
    void add_tile(Payloads& to, Analysis& said, const Tile& tile, int quality, bool adaptive) const;
    std::vector<std::uint8_t> written(int quality, const Payloads& payloads) const;

    const Bundle& bundle_;
    const Net& net_;
    const std::uint8_t* pixels_;
    PictureSize size_;
    EncodeOptions options_;
    std::map<int, std::unique_ptr<Analysis>> analyses_;  // by level of z
};

/// Codes pixels (height, width, 3) at a quality 0..63, in tiles of 512, without a quality map.
/// Throws Error(argument) for a size or quality out of range and for a net of another model.
std::vector<std::uint8_t> encode_picture(const Bundle& bundle, const Net& analysis,
                                         const std::uint8_t* pixels, int width, int height,
                                         int quality, NetWorkspace& workspace);

}  // namespace tcs
