// What of the program needs no engine, for emulated processors:
//
//   tcs_recode stream IN.tcs OUT.tcs MODEL   decodes to z_hat and r, and codes these again
//   tcs_recode picture IN.pnm OUT.ppm        reads a picture and writes it
//   tcs_recode text IN.tcs OUT.txt           writes what is printed of a stream's text
//   tcs_recode given LINES.txt OUT           writes the payload of a text chunk of lines
//   tcs_recode plan FOLDER OUT MODEL GRAPH   finds the plan of a graph and writes its bytes
#include <cstdio>
#include <exception>
#include <string>

#include "error.hpp"
#include "plans.hpp"
#include "pnm.hpp"
#include "stream.hpp"
#include "text.hpp"

namespace {

using namespace example;

// Everything of a stream comes back byte for byte but other metadata, which it must not have.
Bytes recode(const Bytes& data, const Model& model) {
    const Stream stream = split_stream(data);
    const Bundle bundle = load_bundle(model_of_stream(stream.header, {model}));
    std::vector<CodedTile> coded;
    for (int i = 0; i < stream.grid().count(); ++i) {
        const Box box = stream.grid().tile(i);
        const Box z = box.on_grid(kZStride);
        const Box y = box.on_grid(kYStride);
        Planes<std::int8_t> z_hat(bundle.info().hyper, z.height, z.width);
        Planes<std::int16_t> r(bundle.info().latent, y.height, y.width);
        const CodedTile& tile = stream.tiles[static_cast<std::size_t>(i)];
        const std::vector<std::int8_t> roi = read_quality_map(tile, box);
        const tcs_tile options = tile_options(box, stream.header.quality, roi);
        bundle.decode(options, tile.payload.data(), tile.payload.size(), z_hat, r);
        coded.push_back({bundle.encode(options, z_hat, r), tile.quality_map});
    }
    return join_stream(stream.header, coded, stream.text);
}

}  // namespace

int main(int count, char** values) {
    const std::string verb = count > 1 ? values[1] : "";
    try {
        if (verb == "stream" && count == 5) {
            write_file(values[3], recode(read_file(values[2]), read_model(values[4])), true);
        } else if (verb == "picture" && count == 4) {
            write_file(values[3], write_ppm(read_pnm(values[2], read_file(values[2]))), true);
        } else if (verb == "text" && count == 4) {
            const std::string shown = described(text_of(split_stream(read_file(values[2]))));
            write_file(values[3], Bytes(shown.begin(), shown.end()), true);
        } else if (verb == "given" && count == 4) {
            write_file(values[3], text_payload(read_lines(values[2], read_file(values[2]))), true);
        } else if (verb == "plan" && count == 6) {
            const Model model = read_model(values[4]);
            const bool analysis = std::string(values[5]) == "analysis";
            const Precision& precision = model.precision_for("tensorrt", "");
            write_file(values[3], read_plan(values[2], model, precision, analysis), true);
        } else {
            throw Error(
                "expected stream IN OUT MODEL, picture IN OUT, text IN OUT, given IN OUT, or plan "
                "FOLDER OUT MODEL GRAPH");
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tcs_recode: %s\n", error.what());
        return 1;
    }
}
