// How many lines a text has, and what each has: a place, a string, a state, a confidence.
#pragma once

#include <array>
#include <cstddef>

#include "tcs/text.hpp"
#include "text_io.hpp"

namespace tcs {

/// Codes how many lines there are. Throws Error, reading: newer_version, limit.
template <class Io>
std::size_t code_count(Io& io, std::size_t count);

/// Codes which parts a line has, and its claims: state and confidence.
class LineCoder {
public:
    LineCoder();

    template <class Io>
    void code_parts(Io& io, TextLine& line);
    template <class Io>
    void code_claims(Io& io, TextLine& line);
    /// Those of a first line without a place, at the end of a payload: as raw bits they fill the
    /// coder's first state, in which other symbols cost more than they say, as the low bits of a
    /// place would.
    template <class Io>
    static void code_raw_claims(Io& io, TextLine& line);

private:
    struct State {
        Chance sent, doubtful, verified;  // each of those that are left
    };

    Chance placed_, has_string_;
    State states_[2];                   // without a string, with one
    std::array<Chance, 8> confidence_;  // nodes of a binary tree, the root is 1
};

}  // namespace tcs
