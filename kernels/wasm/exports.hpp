// What the files of the WebAssembly module share.
//
// READ ME FIRST. JavaScript sees no struct of tcs.h, whose layout is the compiler's: a function
// here takes numbers and offsets into the module's memory, and its outcome lies in one buffer until
// the next call: `tcs_web_bytes` and `tcs_web_size` say where. A function returns 0 for success,
// else the tcs_status, and the buffer then holds the message. One call at a time: modules have one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tcs/tcs.h"

#define TCS_WEB extern "C" __attribute__((visibility("default"), used))

namespace tcs::web {

// Makes `bytes` the outcome of the call.
tcs_status done(const void* bytes, std::size_t size);
tcs_status done(std::vector<std::uint8_t> bytes);

// Makes the message of the last failure the outcome.
tcs_status failed(tcs_status status);

// A JSON object or array, written from left to right. Keys and strings are UTF-8.
class Json {
public:
    Json& open(char bracket);   // '{' or '['
    Json& close(char bracket);  // '}' or ']'
    Json& key(const char* name);
    Json& number(double value);
    Json& truth(bool value);
    Json& nothing();
    Json& string(const char* bytes, std::size_t size);

    const std::string& text() const noexcept { return text_; }

private:
    void comma();

    std::string text_;
    bool first_ = true;  // nothing stands before in this object or array, or behind a key
};

}  // namespace tcs::web
