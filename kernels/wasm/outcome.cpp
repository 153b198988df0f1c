// The one buffer in which answers lie, and what asks for memory.
#include <cstdlib>
#include <cstring>
#include <utility>

#include "exports.hpp"

namespace tcs::web {
namespace {

std::vector<std::uint8_t>& outcome() {
    static std::vector<std::uint8_t> bytes;
    return bytes;
}

}  // namespace

tcs_status done(const void* bytes, std::size_t size) {
    const auto* const begin = static_cast<const std::uint8_t*>(bytes);
    outcome().assign(begin, begin + size);
    return TCS_OK;
}

tcs_status done(std::vector<std::uint8_t> bytes) {
    outcome() = std::move(bytes);
    return TCS_OK;
}

tcs_status failed(tcs_status status) {
    const char* const message = tcs_last_error();
    done(message, std::strlen(message));
    return status;
}

}  // namespace tcs::web

using namespace tcs::web;

TCS_WEB const std::uint8_t* tcs_web_bytes() {
    return outcome().data();
}

TCS_WEB std::size_t tcs_web_size() {
    return outcome().size();
}

// Memory for arguments, or null.
TCS_WEB void* tcs_web_alloc(std::size_t size) {
    return std::malloc(size > 0 ? size : 1);
}

TCS_WEB void tcs_web_free(void* memory) {
    std::free(memory);
}
