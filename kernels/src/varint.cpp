#include "tcs/varint.hpp"

#include <string>

#include "tcs/status.hpp"

namespace tcs {

void append_varint(std::vector<std::uint8_t>& out, std::uint32_t value) {
    if (value > kMaxVarint) {
        throw Error(ErrorCode::limit, "number " + std::to_string(value) +
                                          " is beyond the format's limit of " +
                                          std::to_string(kMaxVarint));
    }
    for (; value > 0x7F; value >>= 7) {
        out.push_back(static_cast<std::uint8_t>((value & 0x7FU) | 0x80U));
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

std::uint32_t read_varint(const std::uint8_t* data, std::size_t size, std::size_t& offset,
                          const char* what) {
    const std::size_t start = offset;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < kMaxVarintBytes; ++i) {
        if (start + i >= size) {
            throw Error(ErrorCode::truncated,
                        std::string(what) + " at offset " + std::to_string(start) +
                            ": the data ends inside it, after " + std::to_string(i) + " bytes");
        }
        const std::uint32_t byte = data[start + i];
        value |= (byte & 0x7FU) << (7 * i);
        if ((byte & 0x80U) != 0) continue;
        if (byte == 0 && i > 0) {
            throw Error(ErrorCode::corrupt,
                        std::string(what) + " at offset " + std::to_string(start) +
                            ": expected the shortest form of the number, came one of " +
                            std::to_string(i + 1) + " bytes that ends in a zero byte");
        }
        offset = start + i + 1;
        return value;
    }
    throw Error(ErrorCode::corrupt, std::string(what) + " at offset " + std::to_string(start) +
                                        ": expected at most 4 bytes, came more");
}

}  // namespace tcs
