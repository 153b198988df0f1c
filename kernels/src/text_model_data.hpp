// The bytes of src/text_model.bin: compiled in by text_model.cmake, or, of the WebAssembly module,
// given by who runs it (wasm/text_model.cpp), since most streams carry no text.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcs {

struct TextModelBytes {
    const std::uint8_t* data;
    std::size_t size;
};

/// REQUIRES: they are there, and stay where they are.
TextModelBytes text_model_bytes();

}  // namespace tcs
