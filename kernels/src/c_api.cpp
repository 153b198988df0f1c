#include "c_api.hpp"

#include <cstdio>

#include "tcs/crc16.hpp"
#include "tcs/crc32c.hpp"
#include "tcs/simd.hpp"

namespace tcs::c_api {
namespace {

// A fixed buffer, because keeping a message must not fail.
thread_local char last_error[1024] = "";

}  // namespace

tcs_status failed(tcs_status status, const char* message) noexcept {
    std::snprintf(last_error, sizeof last_error, "%s", message);
    return status;
}

tcs_status status_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::not_tcs:
            return TCS_ERROR_NOT_TCS;
        case ErrorCode::newer_version:
            return TCS_ERROR_NEWER_VERSION;
        case ErrorCode::truncated:
            return TCS_ERROR_TRUNCATED;
        case ErrorCode::corrupt:
            return TCS_ERROR_CORRUPT;
        case ErrorCode::unsupported_chunk:
            return TCS_ERROR_UNSUPPORTED_CHUNK;
        case ErrorCode::trailing:
            return TCS_ERROR_TRAILING;
        case ErrorCode::limit:
            return TCS_ERROR_LIMIT;
        case ErrorCode::bundle:
            return TCS_ERROR_BUNDLE;
        case ErrorCode::bundle_mismatch:
            return TCS_ERROR_BUNDLE_MISMATCH;
        case ErrorCode::weights:
            return TCS_ERROR_WEIGHTS;
        case ErrorCode::argument:
            return TCS_ERROR_ARGUMENT;
        case ErrorCode::net:
            return TCS_ERROR_NET;
        case ErrorCode::atlas:
            break;  // no function of this interface reads one
    }
    return TCS_ERROR_INTERNAL;
}

}  // namespace tcs::c_api

using namespace tcs::c_api;

const char* tcs_status_name(tcs_status status) {
    static const char* const names[] = {
        "TCS_OK",
        "TCS_ERROR_NOT_TCS",
        "TCS_ERROR_NEWER_VERSION",
        "TCS_ERROR_TRUNCATED",
        "TCS_ERROR_CORRUPT",
        "TCS_ERROR_UNSUPPORTED_CHUNK",
        "TCS_ERROR_TRAILING",
        "TCS_ERROR_LIMIT",
        "TCS_ERROR_BUNDLE",
        "TCS_ERROR_BUNDLE_MISMATCH",
        "TCS_ERROR_ARGUMENT",
        "TCS_ERROR_MEMORY",
        "TCS_ERROR_INTERNAL",
        "TCS_ERROR_WEIGHTS",
        "TCS_ERROR_NET",
    };
    const auto index = static_cast<unsigned>(status);
    return index < sizeof names / sizeof names[0] ? names[index] : "unknown status";
}

const char* tcs_last_error(void) {
    return last_error;
}

void tcs_free(void* array) {
    std::free(array);
}

const char* tcs_version(void) {
    return TCS_VERSION;
}

tcs_status tcs_simd_name(const char** name) {
    return guard([&] {
        require(name, "name");
        static const std::string chosen = tcs::simd_name();  // a throw leaves it to the next call
        *name = chosen.c_str();
    });
}

uint32_t tcs_crc32c(const void* data, size_t size, uint32_t previous) {
    return tcs::crc32c(static_cast<const std::uint8_t*>(data), size, previous);
}

uint16_t tcs_bundle_check(uint32_t short_hash) {
    return tcs::bundle_check(short_hash);
}
