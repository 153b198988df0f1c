// What a text has said so far, mixed with what the character model expects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "text_io.hpp"
#include "text_model.hpp"

namespace tcs {

/// All symbols of a chunk's strings, one behind the other, ends included.
class History {
public:
    History();

    /// Fills the frequencies of the symbols that may come next, from what the model expects of
    /// them and from what followed, in this chunk, on the same two symbols and more.
    void mix(const SymbolWeights& expected, Distribution& mixed) const;
    void push(int symbol);

private:
    std::size_t pair() const noexcept;

    std::vector<std::uint8_t> symbols_;
    // Positions behind the same two symbols: the last one, and for each the one before; 0: none.
    std::vector<std::uint32_t> last_;
    std::vector<std::uint32_t> before_;
};

}  // namespace tcs
