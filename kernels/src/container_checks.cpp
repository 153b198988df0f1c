#include "container_checks.hpp"

#include "tcs/crc32c.hpp"

namespace tcs {
namespace {

constexpr std::uint32_t kBaseBit = 1U << 31;
constexpr std::uint32_t kMappedBit = 1U << 30;
constexpr std::size_t kPlaceBytes = 4;

std::uint32_t number_at(const ChunkPlace& place) {
    return place.tile | (place.base ? kBaseBit : 0U) | (place.mapped ? kMappedBit : 0U);
}

}  // namespace

std::optional<ChunkPlace> place_of_type(std::uint8_t type, std::uint32_t number,
                                        const Header& header) {
    const ChunkPlace place{number & ~(kBaseBit | kMappedBit), (number & kBaseBit) != 0,
                           (number & kMappedBit) != 0};
    const bool alone = !header.marked && (type != kChunkTile || place.mapped);
    if (alone || (place.base && !header.layered)) return std::nullopt;
    const bool in_grid = place.tile < tile_count(header);
    bool possible = number == 0 && type != kChunkSize;
    if (type == kChunkTile) possible = in_grid;
    if (type == kChunkQualityMap) possible = in_grid && !place.mapped;
    if (type == kChunkLayer) possible = number == kBaseBit;
    if (!possible) return std::nullopt;
    return place;
}

ChunkChecks::ChunkChecks(const std::uint8_t* header, std::size_t size)
    : header_sum_(crc32c(header, size)) {}

std::uint32_t ChunkChecks::check_at(const ChunkPlace& place, const std::uint8_t* chunk,
                                    std::size_t size) const {
    const std::uint32_t number = number_at(place);
    std::uint8_t bytes[kPlaceBytes];
    for (std::size_t i = 0; i < kPlaceBytes; ++i)
        bytes[i] = static_cast<std::uint8_t>(number >> (8 * i) & 0xFFU);
    return crc32c(chunk, size, crc32c(bytes, kPlaceBytes, header_sum_));
}

std::uint32_t ChunkChecks::number_of(const std::uint8_t* chunk, std::size_t size,
                                     std::uint32_t check) const {
    // Four bytes do to a sum what four zeros do to the sum xor the bytes.
    constexpr std::uint8_t zeros[kPlaceBytes] = {};
    const std::uint32_t behind = crc32c_before(chunk, size, check);
    return crc32c_before(zeros, kPlaceBytes, behind) ^ header_sum_;
}

}  // namespace tcs
