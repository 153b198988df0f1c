// The command line: tcs VERB INPUT [OUTPUT] [--option VALUE]...
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine.hpp"

namespace example {

struct Arguments {
    std::string verb;
    std::string input;
    std::string output;                          // "" for text, which has none
    std::vector<std::string> models;             // --model, at least one but for text
    std::map<std::string, std::string> options;  // the others, by name with dashes

    // The option's number within low..high in steps, or `otherwise` where it is not given.
    long long number(const std::string& name, long long low, long long high, long long otherwise,
                     long long step = 1) const;
    std::string text(const std::string& name) const;
    bool force() const { return number("--force", 0, 1, 0) != 0; }
    bool has(const std::string& name) const { return options.count(name) != 0; }
};

std::string usage(const std::string& program, const std::vector<EngineOption>& engine);

// Throws UsageError that names what is expected.
Arguments parse_arguments(int count, char** values, const std::vector<EngineOption>& engine);

// A whole number; throws UsageError that names the option.
long long parse_number(const std::string& name, const std::string& text, long long low,
                       long long high, long long step = 1);

}  // namespace example
