// The one exception of libtcs. The C ABI turns it into a status code, the Python binding into a
// class.
#pragma once

#include <stdexcept>
#include <string>

namespace tcs {

enum class ErrorCode {
    not_tcs,            // the bytes do not start like a stream of ours
    newer_version,      // a major version that this library does not know
    truncated,          // the bytes end before what they declare
    corrupt,            // a checksum or the entropy decoder says that bytes are damaged
    unsupported_chunk,  // a critical chunk of an unknown type
    trailing,           // bytes after the end
    limit,              // declared sizes beyond the limits
    bundle,             // the entropy bundle itself is not valid
    bundle_mismatch,    // the stream was made with another entropy bundle
    weights,            // packed weights, or the graph that refers to them, are not valid
    atlas,              // a glyph atlas is not valid
    net,                // a packed net is not valid
    argument,           // the caller's fault: sizes, ranges, NaN
};

/// Every failure of libtcs. The message says what was expected, what came and what to do.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ErrorCode code() const noexcept { return code_; }

private:
    ErrorCode code_;
};

}  // namespace tcs
