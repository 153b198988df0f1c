#include "tcs/quality_map.hpp"

#include <algorithm>
#include <string>

#include "tcs/status.hpp"
#include "tcs/varint.hpp"

namespace tcs {
namespace {

void check_sides(std::size_t height, std::size_t width) {
    if (height >= 1 && height <= kMaxMapSide && width >= 1 && width <= kMaxMapSide) return;
    throw Error(ErrorCode::argument, "quality map: expected 1 to 1020 blocks a side, came " +
                                         std::to_string(height) + " x " + std::to_string(width));
}

[[noreturn]] void fail(ErrorCode code, std::size_t offset, const std::string& message) {
    throw Error(code, "quality map, offset " + std::to_string(offset) + ": " + message);
}

}  // namespace

std::vector<std::uint8_t> encode_quality_map(const std::int8_t* map, std::size_t height,
                                             std::size_t width) {
    check_sides(height, width);
    std::vector<std::uint8_t> out;
    const std::int8_t* const end = map + height * width;
    for (const std::int8_t* run = map; run != end;) {
        const std::int8_t offset = *run;
        const std::int8_t* const next =
            std::find_if(run, end, [offset](std::int8_t value) { return value != offset; });
        out.push_back(static_cast<std::uint8_t>(offset));
        append_varint(out, static_cast<std::uint32_t>(next - run));
        run = next;
    }
    return out;
}

void decode_quality_map(const std::uint8_t* data, std::size_t size, std::size_t height,
                        std::size_t width, std::int8_t* map) {
    check_sides(height, width);
    const std::size_t blocks = height * width;
    std::size_t offset = 0;
    for (std::size_t done = 0; done < blocks;) {
        if (offset == size) {
            fail(ErrorCode::truncated, offset,
                 "the data ends after " + std::to_string(done) + " of " + std::to_string(blocks) +
                     " blocks");
        }
        const std::size_t start = offset;
        const auto value = static_cast<std::int8_t>(data[offset++]);
        const std::size_t run = read_varint(data, size, offset, "run length of a quality map");
        if (run == 0 || run > blocks - done) {
            fail(ErrorCode::corrupt, start,
                 "expected a run of 1 to " + std::to_string(blocks - done) + " blocks, came " +
                     std::to_string(run));
        }
        if (done > 0 && map[done - 1] == value) {
            fail(ErrorCode::corrupt, start,
                 "expected an offset other than the run before, came " + std::to_string(value) +
                     " again");
        }
        std::fill_n(map + done, run, value);
        done += run;
    }
    if (offset != size) {
        fail(ErrorCode::trailing, offset,
             "the map is complete, " + std::to_string(size - offset) + " bytes follow");
    }
}

}  // namespace tcs
