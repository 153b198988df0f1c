// tcs: pictures to .tcs streams and back, with libtcs and one inference engine, without Python.
#include <cstdio>
#include <exception>
#include <string>

#include "arguments.hpp"
#include "codec.hpp"
#include "engine.hpp"
#include "error.hpp"
#include "text.hpp"

namespace {

using namespace example;

std::string encode(const Arguments& arguments) {
    const Model model = read_model(arguments.models.front());
    EncodeOptions options;
    options.tile = static_cast<int>(arguments.number("--tile", 64, 16320, options.tile, 64));
    options.adaptive = arguments.number("--adaptive", 0, 1, 1) != 0;
    const bool fitted = arguments.has("--max-bytes");
    if (fitted) {
        options.max_bytes =
            static_cast<std::size_t>(arguments.number("--max-bytes", 1, 1LL << 32, 0));
    }
    const int quality = fitted ? kBestQuality : model.default_quality;
    options.quality = static_cast<int>(arguments.number("--quality", 0, kBestQuality, quality));
    if (arguments.has("--text")) {
        const std::string lines = arguments.text("--text");
        options.text = text_payload(read_lines(lines, read_file(lines)));
    }
    const auto engine = open_engine(arguments.options);
    const Precision& precision =
        model.precision_for(engine->device(), arguments.text("--precision"));
    const Picture picture = read_pnm(arguments.input, read_file(arguments.input));
    const Bytes stream = Encoder(*engine, model, precision).encode(picture, options);
    write_file(arguments.output, stream, arguments.force());
    return std::to_string(stream.size()) + " bytes, quality " +
           std::to_string(parse(stream).header.quality) + ", " + model.family + "-" +
           precision.name + " on " + engine->device();
}

Stream read_stream(const std::string& path) {
    try {
        return split_stream(read_file(path));
    } catch (const Error& error) {
        throw Error(path + ": " + error.what());
    }
}

std::string decode(const Arguments& arguments) {
    std::vector<Model> models;
    for (const std::string& folder : arguments.models)
        models.push_back(read_model(folder));
    const Stream stream = read_stream(arguments.input);
    const Model& model = model_of_stream(stream.header, models);
    const auto engine = open_engine(arguments.options);
    const Precision& precision =
        model.precision_for(engine->device(), arguments.text("--precision"));
    const Picture picture = Decoder(*engine, model, precision).decode(stream);
    write_file(arguments.output, write_ppm(picture), arguments.force());
    return std::to_string(picture.width) + "x" + std::to_string(picture.height) + ", " +
           model.family + "-" + precision.name + " on " + engine->device() +
           (stream.header.layered != 0 ? ", first layer of two" : "");
}

// One line, whatever a runtime puts into its messages.
int fail(const std::string& program, std::string message, int code) {
    for (char& c : message) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    std::fprintf(stderr, "%s: %s\n", program.c_str(), message.c_str());
    return code;
}

}  // namespace

int main(int count, char** values) {
    const std::string program = TCS_PROGRAM;
    if (count == 2 && std::string(values[1]) == "--help") {
        std::fputs(usage(program, engine_options()).c_str(), stdout);
        return 0;
    }
    try {
        const Arguments arguments = parse_arguments(count, values, engine_options());
        if (arguments.verb == "text") {
            std::fputs(described(text_of(read_stream(arguments.input))).c_str(), stdout);
            return 0;
        }
        const std::string done = arguments.verb == "encode" ? encode(arguments) : decode(arguments);
        std::printf("%s -> %s  %s\n", arguments.input.c_str(), arguments.output.c_str(),
                    done.c_str());
        return 0;
    } catch (const UsageError& error) {
        return fail(program, std::string(error.what()) + "; see --help", 2);
    } catch (const std::exception& error) {
        return fail(program, error.what(), 1);
    }
}
