// A decoder's table for many symbols under one row: what every slot means, so that nothing has to
// be searched. 16 kB, which is worth its making from some thousand symbols on.
#pragma once

#include <cstdint>
#include <vector>

namespace tcs {

constexpr int kSlotPrecision = 12;

class SlotTable {
public:
    /// starts: (32,) uint16. Throws Error(argument) as RowTable does with a precision of 12 bits.
    explicit SlotTable(const std::uint16_t* starts);

    /// Slot -> frequency << 20 | offset from the entry's start << 8 | entry.
    const std::uint32_t* slots() const noexcept { return slots_.data(); }

private:
    std::vector<std::uint32_t> slots_;
};

}  // namespace tcs
