// Numbers of some bits, one behind the other, in each byte from the lowest bit on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tcs/status.hpp"

namespace tcs {

class BitWriter {
public:
    // The low `count` bits of a value, 0..31 of them.
    void put(std::uint32_t value, int count) {
        for (int i = 0; i < count; ++i) {
            if (used_ % 8 == 0) bytes_.push_back(0);
            bytes_.back() |= static_cast<std::uint8_t>((value >> i & 1U) << (used_ % 8));
            ++used_;
        }
    }

    // Exp-Golomb code of an order: with m = value + 2^order of b + 1 bits, b - order times 0, 1,
    // and the low b bits of m. Every code has a 1. REQUIRES m < 2^31.
    void put_exp_golomb(std::uint32_t value, int order) {
        const std::uint32_t m = value + (1U << order);
        int b = order;
        while (m >> (b + 1) != 0)
            ++b;
        put(0, b - order);
        put(1, 1);
        put(m, b);
    }

    std::vector<std::uint8_t> take() { return std::move(bytes_); }

private:
    std::vector<std::uint8_t> bytes_;
    std::size_t used_ = 0;  // bits
};

class BitReader {
public:
    // `what` is named in messages.
    BitReader(const std::uint8_t* data, std::size_t size, const char* what)
        : data_(data), bits_(8 * size), what_(what) {}

    std::uint32_t take(int count) {
        if (static_cast<std::size_t>(count) > bits_ - used_) {
            throw Error(ErrorCode::truncated, std::string(what_) +
                                                  ": the data ends inside a number, after " +
                                                  std::to_string(bits_ / 8) + " bytes");
        }
        std::uint32_t value = 0;
        for (int i = 0; i < count; ++i, ++used_)
            value |= bit(used_) << i;
        return value;
    }

    std::uint32_t take_exp_golomb(int order) {
        int b = order;
        while (take(1) == 0) {
            if (++b > kMostBits) {
                throw Error(ErrorCode::corrupt,
                            std::string(what_) + ": expected numbers below 2^24, came a larger");
            }
        }
        return take(b) + (1U << b) - (1U << order);
    }

    bool rest_is_zero() const noexcept {
        if (used_ == bits_) return true;
        if (data_[used_ / 8] >> (used_ % 8) != 0) return false;
        const auto zero = [](std::uint8_t byte) { return byte == 0; };
        return std::all_of(data_ + used_ / 8 + 1, data_ + bits_ / 8, zero);
    }

    std::size_t bytes_used() const noexcept { return (used_ + 7) / 8; }

private:
    static constexpr int kMostBits = 23;

    std::uint32_t bit(std::size_t i) const noexcept { return data_[i / 8] >> (i % 8) & 1U; }

    const std::uint8_t* data_;
    std::size_t bits_;
    std::size_t used_ = 0;
    const char* what_;
};

}  // namespace tcs
