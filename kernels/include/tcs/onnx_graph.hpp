// What libtcs reads of an ONNX file: which of its weights lie in another file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tcs {

struct ExternalInitializer {
    std::string name;
    std::string location;  // the file, as the model names it
};

/// The initializers whose data an ONNX model keeps in other files, in the model's order. Those of
/// subgraphs are not looked at. Any bytes are safe.
/// Throws Error(weights) when the bytes are not protocol buffers.
std::vector<ExternalInitializer> external_initializers(const std::uint8_t* model, std::size_t size);

}  // namespace tcs
