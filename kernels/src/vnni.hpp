// Entry points of the *_vnni.cpp files; contracts in ops.hpp.
#pragma once

#include "ops.hpp"

namespace tcs::vnni {

void dots(const std::uint8_t* a, const std::int8_t* w, std::size_t count, std::size_t rows,
          std::int32_t* sums);

}  // namespace tcs::vnni
