// The head of a text and what each line has: a place, a string, a state, a confidence.
#pragma once

#include <array>
#include <cstddef>

#include "tcs/text.hpp"
#include "text_io.hpp"

namespace tcs {

struct Head {
    bool verified = false;
    std::size_t lines = 0;
};

/// Codes generation, flag and number of lines. Throws Error, reading: newer_version, corrupt,
/// limit.
template <class Io>
Head code_head(Io& io, Head head);

/// Codes which parts a line has, its state and its confidence.
class LineCoder {
public:
    LineCoder();

    template <class Io>
    void code(Io& io, TextLine& line);

private:
    struct State {
        Chance sent, doubtful, verified;  // each of those that are left
    };

    Chance placed_, has_string_;
    State states_[2];                   // without a string, with one
    std::array<Chance, 8> confidence_;  // nodes of a binary tree, the root is 1
};

}  // namespace tcs
