// UTF-8, strictly: no longer forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tcs {

/// Code points of a string. Throws Error(argument) where it is not UTF-8.
std::vector<std::uint32_t> code_points(const std::string& text);

/// Whether a number is a code point that UTF-8 can spell.
bool is_code_point(std::uint32_t number) noexcept;

/// Appends a code point. REQUIRES is_code_point(point).
void append_utf8(std::string& text, std::uint32_t point);

}  // namespace tcs
