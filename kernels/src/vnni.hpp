// Entry points of the *_vnni.cpp files; contracts in ops.hpp.
#pragma once

#include "ops.hpp"

namespace tcs::vnni {

void dots(const DotsJob& job);
void wide_dots(const DotsJob& job);
void taps(const TapsJob& job);

}  // namespace tcs::vnni
