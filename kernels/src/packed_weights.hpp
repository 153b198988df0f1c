// What the reader and the unpacker of packed weights share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "tcs/status.hpp"
#include "tcs/varint.hpp"

namespace tcs {

constexpr int kMinBits = 2;
constexpr int kMaxBits = 8;
constexpr std::size_t kDensest = 64;  // weights per byte of payload, for any tensor

[[noreturn]] inline void refuse_weights(const std::string& message) {
    throw Error(ErrorCode::weights, "packed weights: " + message);
}

/// Bytes that `count` fields of `bits` bits take.
constexpr std::size_t field_bytes(std::size_t count, int bits) {
    const auto width = static_cast<std::size_t>(bits);
    return count / 8 * width + (count % 8 * width + 7) / 8;
}

/// Reads field after field, never past the end. `where` begins every message.
class WeightReader {
public:
    WeightReader(const std::uint8_t* data, std::size_t size, std::string where)
        : data_(data), size_(size), where_(std::move(where)) {}

    void enter(std::string where) { where_ = std::move(where); }
    std::size_t left() const { return size_ - offset_; }

    [[noreturn]] void refuse(const std::string& message) const { refuse_weights(where_ + message); }

    const std::uint8_t* take(std::size_t count, const char* what) {
        if (count > left())
            refuse(std::string(what) + ": expected " + std::to_string(count) + " bytes, " +
                   std::to_string(left()) + " are left; the file is truncated");
        const std::uint8_t* const taken = data_ + offset_;
        offset_ += count;
        return taken;
    }

    int byte(const char* what) { return *take(1, what); }

    std::uint32_t varint(const char* what) {
        try {
            return read_varint(data_, size_, offset_, what);
        } catch (const Error& error) {
            refuse(error.what());
        }
    }

    /// `count` fields of `bits` bits; the rest of their last byte has to be zero.
    const std::uint8_t* fields(std::size_t count, int bits, const char* what) {
        const std::uint8_t* const taken = take(field_bytes(count, bits), what);
        const std::size_t used = count % 8 * static_cast<std::size_t>(bits) % 8;
        if (used != 0 && taken[field_bytes(count, bits) - 1] >> used != 0)
            refuse(std::string(what) + ": expected zero bits behind the last one");
        return taken;
    }

private:
    const std::uint8_t* data_;
    std::size_t size_;
    std::size_t offset_ = 0;
    std::string where_;
};

}  // namespace tcs
