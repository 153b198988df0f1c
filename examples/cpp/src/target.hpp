// The best quality that fits into a number of bytes.
#pragma once

#include <cstddef>
#include <functional>

#include "files.hpp"

namespace example {

// The stream of the highest quality 0..highest of at most max_bytes, by bisection; `make` turns a
// quality into a stream. Throws TargetTooSmallError where even the smallest stream found is larger.
Bytes best_that_fits(const std::function<Bytes(int)>& make, std::size_t max_bytes, int highest);

}  // namespace example
