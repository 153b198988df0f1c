// The erasure code of packets: systematic, with a Cauchy matrix over GF(256).
//
// READ ME FIRST. Parity block i of k data blocks is the sum over j of c(i, j) * block j with
// c(i, j) = (k xor j) / (i xor j). 1 / (i xor j), for i from k on and j below k, is a Cauchy
// matrix: every square part of it can be inverted, whatever i is, so that the number of parity
// packets need not be known to anybody. The factor k xor j of a column keeps that and makes the
// first parity block a plain XOR, which the smallest sender can do.
#include <algorithm>
#include <utility>

#include "gf256.hpp"
#include "tcs/packets.hpp"

namespace tcs {
namespace {

std::uint8_t coefficient(std::size_t data, std::size_t index, std::size_t column) {
    return kGf256.over(static_cast<std::uint8_t>(data ^ column),
                       static_cast<std::uint8_t>(index ^ column));
}

// into += factor * from. REQUIRES: from is no longer than into.
void add_times(PacketBytes& into, const PacketBytes& from, std::uint8_t factor) {
    if (factor == 0) return;
    const unsigned log = kGf256.log[factor];
    for (std::size_t n = 0; n < from.size(); ++n) {
        if (from[n] != 0)
            into[n] = static_cast<std::uint8_t>(into[n] ^ kGf256.power[log + kGf256.log[from[n]]]);
    }
}

void scale(PacketBytes& row, std::uint8_t factor) {
    for (std::uint8_t& value : row)
        value = kGf256.times(value, factor);
}

// A row of the system: coefficients of the missing blocks, then the right side.
struct Row {
    PacketBytes left;
    PacketBytes right;
};

// Gauss and Jordan. The matrix is a part of a Cauchy one: there always is a pivot.
void solve(std::vector<Row>& rows) {
    for (std::size_t at = 0; at < rows.size(); ++at) {
        const auto pivot = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(at), rows.end(),
                                        [at](const Row& row) { return row.left[at] != 0; });
        std::swap(rows[at], *pivot);
        const std::uint8_t inverse = kGf256.over(1, rows[at].left[at]);
        scale(rows[at].left, inverse);
        scale(rows[at].right, inverse);
        for (std::size_t other = 0; other < rows.size(); ++other) {
            if (other == at) continue;
            const std::uint8_t factor = rows[other].left[at];
            add_times(rows[other].left, rows[at].left, factor);
            add_times(rows[other].right, rows[at].right, factor);
        }
    }
}

}  // namespace

PacketBytes parity_block(const std::vector<PacketBytes>& blocks, std::size_t index,
                         std::size_t block) {
    PacketBytes sum(block, 0);
    for (std::size_t column = 0; column < blocks.size(); ++column)
        add_times(sum, blocks[column], coefficient(blocks.size(), index, column));
    return sum;
}

std::vector<PacketBytes> recovered_blocks(const std::map<std::uint16_t, PacketBytes>& held,
                                          std::size_t data, std::size_t block) {
    std::vector<PacketBytes> blocks(data);
    std::vector<std::size_t> missing;
    for (std::size_t column = 0; column < data; ++column) {
        const auto found = held.find(static_cast<std::uint16_t>(column));
        if (found == held.end()) {
            missing.push_back(column);
        } else {
            blocks[column] = found->second;
        }
    }
    std::vector<Row> rows;
    auto parity = held.lower_bound(static_cast<std::uint16_t>(data));
    for (; rows.size() < missing.size(); ++parity) {
        Row row{{}, parity_block(blocks, parity->first, block)};  // of those that are here
        add_times(row.right, parity->second, 1);
        for (const std::size_t column : missing)
            row.left.push_back(coefficient(data, parity->first, column));
        rows.push_back(std::move(row));
    }
    solve(rows);
    for (std::size_t n = 0; n < missing.size(); ++n)
        blocks[missing[n]] = std::move(rows[n].right);
    for (PacketBytes& each : blocks)
        each.resize(block, 0);
    return blocks;
}

}  // namespace tcs
