// Files read whole and written whole or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace example {

using Bytes = std::vector<std::uint8_t>;

// Throws Error with the system's reason.
Bytes read_file(const std::string& path);

// Others see the old file or the new one: a temporary file beside the target, then a rename.
// Pipes and character devices are written into; a link to a file stays one.
// Throws Error with the system's reason, and where a file exists without force; it is untouched
// then.
void write_file(const std::string& path, const Bytes& data, bool force);

}  // namespace example
