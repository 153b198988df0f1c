// What the files behind the C interface share: exceptions become status codes here.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "tcs/bundle.hpp"
#include "tcs/status.hpp"
#include "tcs/tcs.h"

struct tcs_bundle {
    tcs::Bundle bundle;
};

namespace tcs::c_api {

// Keeps `message` for tcs_last_error() of this thread, cut to fit, and returns `status`.
tcs_status failed(tcs_status status, const char* message) noexcept;

tcs_status status_of(ErrorCode code) noexcept;

// Runs `work` and turns what it throws into a status.
template <typename Work>
tcs_status guard(const Work& work) noexcept {
    try {
        work();
        return TCS_OK;
    } catch (const Error& error) {
        return failed(status_of(error.code()), error.what());
    } catch (const std::bad_alloc&) {
        return failed(TCS_ERROR_MEMORY, "out of memory");
    } catch (const std::exception& error) {
        return failed(TCS_ERROR_INTERNAL, error.what());
    } catch (...) {
        return failed(TCS_ERROR_INTERNAL, "unknown exception");
    }
}

// Throws Error(argument) if `pointer` is null.
inline void require(const void* pointer, const char* name) {
    if (pointer != nullptr) return;
    throw Error(ErrorCode::argument, std::string(name) + ": expected a pointer, came null");
}

// Bytes from outside: null is allowed when there are none.
inline void require_bytes(const void* pointer, std::size_t size, const char* name) {
    if (size > 0) require(pointer, name);
}

// Copies `items` into memory for tcs_free(). An empty array is a null pointer.
template <typename Item>
Item* hand_out(const std::vector<Item>& items) {
    if (items.empty()) return nullptr;
    void* const copy = std::malloc(items.size() * sizeof(Item));
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy, items.data(), items.size() * sizeof(Item));
    return static_cast<Item*>(copy);
}

}  // namespace tcs::c_api
