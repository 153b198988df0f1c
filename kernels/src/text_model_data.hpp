// The bytes of src/text_model.bin, compiled in by text_model.cmake.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcs {

extern const std::uint8_t kTextModel[];
extern const std::size_t kTextModelSize;

}  // namespace tcs
