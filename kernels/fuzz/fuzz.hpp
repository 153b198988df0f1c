// What the fuzz targets share.
//
// Every target holds two properties: any bytes are safe (the sanitizers watch), and what is
// accepted has exactly one spelling, so writing what was read gives the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tcs/bundle.hpp"
#include "tcs/crc32c.hpp"
#include "tcs/status.hpp"

namespace fuzz {

using Bytes = std::vector<std::uint8_t>;

// Stops the program as a crash would, so that the input is kept.
inline void expect(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "property broken: %s\n", what);
    std::abort();
}

// Runs `work`; its refusals by tcs::Error are fine, with a message.
template <typename Work>
bool accepted(const Work& work) {
    try {
        work();
        return true;
    } catch (const tcs::Error& error) {
        expect(error.what()[0] != '\0', "an error has a message");
        expect(error.code() != tcs::ErrorCode::argument, "bytes are not the caller's fault");
        return false;
    }
}

inline void append_u32(Bytes& out, std::uint32_t value) {
    for (int i = 0; i < 4; ++i)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// The bundle of a golden case.
inline tcs::Bundle golden_bundle(const std::string& name) {
    std::ifstream file(std::string(TCS_GOLDEN "/") + name + "/bundle.tcsb", std::ios::binary);
    expect(file.good(), "the golden vectors are there");
    const Bytes data{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return tcs::parse_bundle(data.data(), data.size());
}

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
