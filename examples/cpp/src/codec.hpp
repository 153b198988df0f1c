// The codec: two graphs and one kernel call.
//
//   encode:  picture -> [analysis graph] -> z_hat, d -> [kernel] -> payload
//   decode:  payload -> [kernel] -> z_hat, r -> [synthesis graph] -> picture
#pragma once

#include <memory>
#include <optional>

#include "engine.hpp"
#include "files.hpp"
#include "model.hpp"
#include "pnm.hpp"
#include "stream.hpp"
#include "windows.hpp"

namespace example {

constexpr int kBestQuality = 63;

struct EncodeOptions {
    int quality = 0;                       // the best one allowed with max_bytes
    std::optional<std::size_t> max_bytes;  // the best quality that fits, instead of `quality`
    int tile = 512;                        // side, a multiple of 64
    bool adaptive = true;                  // blocks get the steps that the model asks for
    Bytes text;                            // payload of a text chunk; max_bytes counts it
};

class Encoder {
public:
    // Throws Error where files of the model are damaged or the engine refuses its graph.
    Encoder(Engine& engine, const Model& model, const Precision& precision);

    // Throws Error where the runtime fails or no quality fits max_bytes.
    Bytes encode(const Picture& picture, const EncodeOptions& options) const;

private:
    std::vector<Analysed> analyse(const Picture& picture, const TileGrid& grid, int z_level) const;
    Bytes code(const std::vector<Analysed>& tiles, const TileGrid& grid, int quality, bool adaptive,
               const Bytes& text) const;

    Model model_;
    Bundle bundle_;
    std::unique_ptr<Graph> graph_;
};

class Decoder {
public:
    Decoder(Engine& engine, const Model& model, const Precision& precision);

    // Throws Error where the stream is damaged, names another model, or the runtime fails.
    Picture decode(const Stream& stream) const;

private:
    Latents unpack(const Stream& stream, int index) const;

    int halo_;
    Bundle bundle_;
    std::unique_ptr<Graph> graph_;
};

}  // namespace example
