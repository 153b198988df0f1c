// Which implementation of the hot loops runs: chosen once per process, shown, and forced by
// TCSDK_SIMD. Every implementation gives the same bits; the generic one is the specification.
#pragma once

#include <string>
#include <vector>

namespace tcs {

/// Name of the implementation in use: "generic", "avx2", "vnni" or "neon".
/// The first call chooses it: the environment variable TCSDK_SIMD if set and not empty, else the
/// best that this processor runs. Call it when the library is loaded, so that a wrong value fails
/// there. Thread-safe.
/// Throws Error(argument) for a value that is unknown or that this machine cannot run; the message
/// names the possible ones. Later calls throw the same until the variable is right.
std::string simd_name();

/// Names that this build and this processor can run, "generic" first, the best last.
std::vector<std::string> simd_targets();

}  // namespace tcs
