#include "tcs/rans.hpp"

#include <algorithm>
#include <string>

#include "rans_coder.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::argument, message);
}

void check_row(const std::uint16_t* start, std::size_t row, std::uint32_t total) {
    const std::string name = "starts: row " + std::to_string(row);
    if (start[0] != 0)
        refuse(name + ": expected a first start of 0, got " + std::to_string(start[0]));
    for (int e = 1; e < kRowEntries; ++e) {
        if (start[e] <= start[e - 1] || start[e] >= total)
            refuse(name + ", entry " + std::to_string(e) + ": expected a start above " +
                   std::to_string(start[e - 1]) + " and below " + std::to_string(total) + ", got " +
                   std::to_string(start[e]));
    }
}

// The encoder's step is x -> (x / f << p) + x % f + start = x + start + (x / f) * (2^p - f).
//
// Division by multiplication: with m = floor(2^64 / f) + 1 = (2^64 + e) / f, 1 <= e <= f,
// x * m / 2^64 = x / f + x * e / (f * 2^64). The second term is below 1 / f, so that the floor is
// that of x / f, whenever x * e < 2^64; here x * e < 2^32 * 2^15. f = 1 would need m = 2^64 + 1:
// take m = 2^64 - 1, which gives x - 1 for every x >= 1 (states are), and put the missing 2^p - 1
// into the bias.
EncoderEntry encoder_entry(std::uint32_t start, std::uint32_t freq, std::uint32_t total) {
    EncoderEntry entry{};
    entry.freq = static_cast<std::uint16_t>(freq);
    entry.complement = static_cast<std::uint16_t>(total - freq);
    entry.bias = freq == 1 ? start + total - 1 : start;
    entry.reciprocal = freq == 1 ? ~std::uint64_t{0} : ~std::uint64_t{0} / freq + 1;
    return entry;
}

void check_rows(const RowTable& table, const std::uint8_t* rows, std::size_t count) {
    std::uint8_t most = 0;
    for (std::size_t n = 0; n < count; ++n)
        most = std::max(most, rows[n]);
    if (count != 0 && most >= table.size())
        refuse("rows: expected values below " + std::to_string(table.size()) + ", got " +
               std::to_string(most));
}

}  // namespace

RowTable::RowTable(const std::uint16_t* starts, std::size_t rows, int precision)
    : precision_(precision) {
    if (precision < 12 || precision > 15)
        refuse("precision: expected 12..15 bits, got " + std::to_string(precision));
    if (rows < 1 || rows > kMaxRows)
        refuse("starts: expected 1..256 rows, got " + std::to_string(rows));
    const std::uint32_t total = 1U << precision;
    rows_.resize(rows + 1);
    encoder_.reserve(rows * kRowEntries);
    for (std::size_t r = 0; r < rows; ++r) {
        const std::uint16_t* start = starts + r * kRowEntries;
        check_row(start, r, total);
        for (int e = 0; e < kRowEntries; ++e) {
            const std::uint32_t end = e + 1 < kRowEntries ? start[e + 1] : total;
            rows_[r].start[e] = start[e];
            encoder_.push_back(encoder_entry(start[e], end - start[e], total));
        }
    }
    rows_[rows] = Row{};
}

std::vector<std::uint8_t> encode_symbols(const RowTable& table, const std::uint8_t* rows,
                                         const std::uint8_t* entries, std::size_t count,
                                         int lanes) {
    check_written_lanes(lanes);
    check_rows(table, rows, count);
    std::uint8_t most = 0;
    for (std::size_t n = 0; n < count; ++n)
        most = std::max(most, entries[n]);
    if (most >= kRowEntries)
        refuse("entries: expected values below 32, got " + std::to_string(most));
    Encoder encoder(lanes, count);
    encoder.entries(table, rows, entries, count);
    return encoder.finish({});
}

void decode_symbols(const RowTable& table, const std::uint8_t* rows, std::size_t count,
                    const std::uint8_t* data, std::size_t size, int lanes, std::uint8_t* entries) {
    if (lanes != 1 && lanes != 8 && lanes != kMaxLanes)
        refuse("lanes: expected 1, 8 or 32, got " + std::to_string(lanes));
    check_rows(table, rows, count);
    Decoder decoder(data, size, lanes);
    decoder.entries(table, rows, count, entries);
    decoder.finish();
}

}  // namespace tcs
