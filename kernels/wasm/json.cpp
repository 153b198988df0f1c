// JSON, as far as the module's answers need it.
#include <cmath>
#include <cstdio>

#include "exports.hpp"

namespace tcs::web {

void Json::comma() {
    if (!first_) text_ += ',';
    first_ = false;
}

Json& Json::open(char bracket) {
    comma();
    text_ += bracket;
    first_ = true;
    return *this;
}

Json& Json::close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
}

Json& Json::key(const char* name) {
    comma();
    text_ += '"';
    text_ += name;
    text_ += "\":";
    first_ = true;
    return *this;
}

Json& Json::number(double value) {
    comma();
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.17g", value);
    text_ += std::isfinite(value) ? digits : "null";
    return *this;
}

Json& Json::truth(bool value) {
    comma();
    text_ += value ? "true" : "false";
    return *this;
}

Json& Json::nothing() {
    comma();
    text_ += "null";
    return *this;
}

Json& Json::string(const char* bytes, std::size_t size) {
    comma();
    text_ += '"';
    for (std::size_t n = 0; n < size; ++n) {
        const auto byte = static_cast<unsigned char>(bytes[n]);
        if (byte == '"' || byte == '\\') text_ += '\\';
        if (byte >= 0x20) {
            text_ += bytes[n];
        } else {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(byte));
            text_ += escaped;
        }
    }
    text_ += '"';
    return *this;
}

}  // namespace tcs::web
