#include "arguments.hpp"

#include <algorithm>
#include <charconv>

#include "error.hpp"

namespace example {
namespace {

struct Option {
    const char* name;
    const char* verb;  // "" for both
    const char* help;
};

// What a verb takes: so many file names and models.
struct Verb {
    const char* name;
    const char* files;
    std::size_t file_count;
    std::size_t least_models, most_models;
};

const Verb kVerbs[] = {
    {"encode", "INPUT.ppm OUTPUT.tcs", 2, 1, 1},
    {"decode", "INPUT.tcs OUTPUT.ppm", 2, 1, 1000},
    {"text", "INPUT.tcs", 1, 0, 0},
};

const Option kOptions[] = {
    {"--model", "", "FOLDER  model folder; may be repeated for decode (required)"},
    {"--precision", "", "NAME  precision of the model (default: the device's)"},
    {"--force", "", "0|1  replace an output that exists (default: 0)"},
    {"--quality", "encode", "Q  0..63; the best one allowed with --max-bytes"},
    {"--max-bytes", "encode", "N  the best quality that fits"},
    {"--tile", "encode", "SIDE  of tiles, a multiple of 64 up to 16320 (default: 512)"},
    {"--text", "encode",
     "FILE  lines to send: TEXT, or x,y x,y x,y x,y and a tab before it (corners, pixels)"},
    {"--adaptive", "encode",
     "0|1  small and faint text finer, where the model says how much (default: 1)"},
};

bool is_known(const std::string& name, const std::string& verb,
              const std::vector<EngineOption>& engine) {
    const auto ours = [&](const Option& option) {
        const std::string of = option.verb;
        return name == option.name && (of.empty() || of == verb);
    };
    const auto theirs = [&](const EngineOption& option) { return name == option.name; };
    return std::any_of(std::begin(kOptions), std::end(kOptions), ours) ||
           std::any_of(engine.begin(), engine.end(), theirs);
}

}  // namespace

long long parse_number(const std::string& name, const std::string& text, long long low,
                       long long high, long long step) {
    long long value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    const bool whole = failure == std::errc{} && stop == end;
    if (!whole || value < low || value > high || value % step != 0) {
        throw UsageError("expected " + name + " as a whole number " + std::to_string(low) + ".." +
                         std::to_string(high) +
                         (step > 1 ? ", a multiple of " + std::to_string(step) : "") + ", got '" +
                         text + "'");
    }
    return value;
}

long long Arguments::number(const std::string& name, long long low, long long high,
                            long long otherwise, long long step) const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : parse_number(name, found->second, low, high, step);
}

std::string Arguments::text(const std::string& name) const {
    const auto found = options.find(name);
    return found == options.end() ? "" : found->second;
}

std::string usage(const std::string& program, const std::vector<EngineOption>& engine) {
    std::string text;
    for (const Verb& verb : kVerbs) {
        text += (text.empty() ? "usage: " : "       ") + program + " " + verb.name + " " +
                verb.files + (verb.least_models > 0 ? " --model FOLDER ...\n" : "\n");
    }
    for (const Option& option : kOptions) {
        const std::string verb = option.verb;
        text += std::string("  ") + option.name + " " + option.help +
                (verb.empty() ? "" : " (" + verb + ")") + "\n";
    }
    for (const EngineOption& option : engine) {
        text += "  " + option.name + " " + option.help + "\n";
    }
    return text + "exit codes: 0 done, 1 a file or model cannot be used, 2 wrong arguments\n";
}

Arguments parse_arguments(int count, char** values, const std::vector<EngineOption>& engine) {
    Arguments arguments;
    if (count > 1) arguments.verb = values[1];
    const auto named = [&](const Verb& verb) { return arguments.verb == verb.name; };
    const Verb* const verb = std::find_if(std::begin(kVerbs), std::end(kVerbs), named);
    if (verb == std::end(kVerbs)) {
        throw UsageError("expected the verb encode or decode, or text, got '" + arguments.verb +
                         "'");
    }
    std::vector<std::string> files;
    for (int i = 2; i < count; ++i) {
        const std::string name = values[i];
        if (name.rfind("--", 0) != 0) {
            files.push_back(name);
            continue;
        }
        if (!is_known(name, arguments.verb, engine)) {
            throw UsageError(arguments.verb + " has no option " + name);
        }
        if (++i == count) throw UsageError("expected a value behind " + name + ", got nothing");
        if (name == "--model") {
            arguments.models.emplace_back(values[i]);
        } else {
            arguments.options[name] = values[i];
        }
    }
    if (files.size() != verb->file_count) {
        throw UsageError("expected " + std::string(verb->files) + ", got " +
                         std::to_string(files.size()) + " file names");
    }
    const std::size_t models = arguments.models.size();
    if (models < verb->least_models) throw UsageError("expected --model FOLDER, got nothing");
    if (models > verb->most_models) {
        throw UsageError("expected " + std::to_string(verb->most_models) + " --model to " +
                         verb->name + ", got " + std::to_string(models));
    }
    arguments.input = files[0];
    if (files.size() > 1) arguments.output = files[1];
    return arguments;
}

}  // namespace example
