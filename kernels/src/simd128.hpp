// Entry points of the *_simd128.cpp files (WebAssembly's SIMD, nothing of its relaxed one);
// contracts in ops.hpp.
#pragma once

#include "ops.hpp"

namespace tcs::simd128 {

void wide_dots(const DotsJob& job);
void taps(const TapsJob& job);
void wide_taps(const TapsJob& job);
void finish(const FinishJob& job, std::uint8_t* out);
void wide_finish(const FinishJob& job, std::int16_t* out);

}  // namespace tcs::simd128
