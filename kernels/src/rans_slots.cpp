#include "rans_slots.hpp"

#include "tcs/rans.hpp"

namespace tcs {

SlotTable::SlotTable(const std::uint16_t* starts) {
    const RowTable row(starts, 1, kSlotPrecision);
    slots_.reserve(std::size_t{1} << kSlotPrecision);
    for (std::uint32_t e = 0; e < kRowEntries; ++e) {
        const std::uint32_t freq = row.encoder()[e].freq;
        for (std::uint32_t offset = 0; offset < freq; ++offset)
            slots_.push_back(freq << 20 | offset << 8 | e);
    }
}

}  // namespace tcs
