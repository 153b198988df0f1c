// Strings of a text: symbols under the mixed chances, cases, and code points behind escapes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "text_history.hpp"
#include "text_io.hpp"
#include "text_model.hpp"
#include "text_symbols.hpp"

namespace tcs {

/// What the strings of a chunk share. Characters are counted over all of them.
class Strings {
public:
    Strings();

    /// Codes one string; a reader returns it. Throws Error(limit) beyond kMaxTextCharacters and,
    /// reading, Error(corrupt).
    template <class Io>
    std::vector<std::uint32_t> code(Io& io, const std::vector<std::uint32_t>& points);

private:
    template <class Io>
    int code_symbol(Io& io, int value);
    template <class Io>
    std::uint32_t code_escape(Io& io, std::uint32_t point);

    History history_;
    Word word_;
    std::vector<std::uint8_t> line_;  // kMaxDepth times kPad, then the string's symbols
    std::size_t characters_ = 0;
    std::array<Chance, Word::kStates * Word::kStyles> upper_;
    Chance same_page_, same_plane_;
    std::uint32_t page_ = 0;  // of the last escape
};

}  // namespace tcs
