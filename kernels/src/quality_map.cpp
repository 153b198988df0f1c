#include "tcs/quality_map.hpp"

#include <algorithm>
#include <string>

#include "bit_stream.hpp"
#include "tcs/status.hpp"

namespace tcs {
namespace {

// Offsets are multiples of 2^unit steps; what models ask for are multiples of 4.
constexpr int kUnitBits = 2;
constexpr int kMaxUnit = 3;
// Orders of the Exp-Golomb codes: most blocks are zero, and rows of text are short.
constexpr int kZeroOrder = 5;
constexpr int kRunOrder = 1;
constexpr int kValueOrder = 0;

void check_sides(std::size_t height, std::size_t width) {
    if (height >= 1 && height <= kMaxMapSide && width >= 1 && width <= kMaxMapSide) return;
    throw Error(ErrorCode::argument, "quality map: expected 1 to 1020 blocks a side, came " +
                                         std::to_string(height) + " x " + std::to_string(width));
}

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
    throw Error(code, "quality map: " + message);
}

// The largest unit of which all offsets are multiples.
int unit_of(const std::int8_t* map, const std::int8_t* end) {
    int unit = kMaxUnit;
    for (; map != end; ++map) {
        while (*map % (1 << unit) != 0)
            --unit;
    }
    return unit;
}

// 1, -1, 2, -2, ... as 0, 1, 2, 3, ...
std::uint32_t folded(int value) {
    return static_cast<std::uint32_t>(value > 0 ? 2 * value - 2 : -2 * value - 1);
}

int unfolded(std::uint32_t number) {
    const int half = static_cast<int>(number / 2) + 1;
    return number % 2 == 0 ? half : -half;
}

// Reads runs into a map.
class Runs {
public:
    Runs(BitReader bits, std::int8_t* map, std::size_t blocks)
        : bits_(bits), map_(map), blocks_(blocks) {}

    void read() {
        const int unit = static_cast<int>(bits_.take(kUnitBits));
        if (!bits_.rest_is_zero()) {
            if (const std::size_t zeros = bits_.take_exp_golomb(kZeroOrder)) fill_zeros(zeros);
            int value = read_run(unit, 0);
            while (done_ < blocks_ && !bits_.rest_is_zero()) {
                if (bits_.take(1) == 0) {
                    fill_zeros(std::size_t{bits_.take_exp_golomb(kZeroOrder)} + 1);
                    value = 0;
                }
                value = read_run(unit, value);
            }
        }
        std::fill(map_ + done_, map_ + blocks_, std::int8_t{0});
        if (unit_of(map_, map_ + blocks_) != unit) {
            fail(ErrorCode::corrupt,
                 "expected the largest unit of which all offsets are multiples, "
                 "came 2^" +
                     std::to_string(unit));
        }
    }

    const BitReader& bits() const noexcept { return bits_; }

private:
    // Zeros with a run behind them: those at the end are not written.
    void fill_zeros(std::size_t run) {
        if (run >= blocks_ - done_) too_long(run, blocks_ - done_ - 1, "zeros");
        std::fill_n(map_ + done_, run, std::int8_t{0});
        done_ += run;
    }

    // A run of a value other than zero and the one before; returns the value.
    int read_run(int unit, int before) {
        const std::uint32_t number = bits_.take_exp_golomb(kValueOrder);
        const int value = number > 255 ? 128 : unfolded(number);  // 128 is too much in any unit
        if (value * (1 << unit) > 127 || value * (1 << unit) < -128) {
            fail(ErrorCode::corrupt, "expected offsets in -128..127, came number " +
                                         std::to_string(number) + " of unit 2^" +
                                         std::to_string(unit));
        }
        if (value == before) {
            fail(ErrorCode::corrupt, "expected an offset other than the run before, came " +
                                         std::to_string(value * (1 << unit)) + " again");
        }
        const std::size_t run = std::size_t{bits_.take_exp_golomb(kRunOrder)} + 1;
        if (run > blocks_ - done_) too_long(run, blocks_ - done_, "blocks");
        std::fill_n(map_ + done_, run, static_cast<std::int8_t>(value * (1 << unit)));
        done_ += run;
        return value;
    }

    [[noreturn]] static void too_long(std::size_t run, std::size_t most, const char* what) {
        fail(ErrorCode::corrupt, "expected a run of at most " + std::to_string(most) + ' ' + what +
                                     ", came " + std::to_string(run));
    }

    BitReader bits_;
    std::int8_t* map_;
    std::size_t blocks_;
    std::size_t done_ = 0;
};

}  // namespace

std::vector<std::uint8_t> encode_quality_map(const std::int8_t* map, std::size_t height,
                                             std::size_t width) {
    check_sides(height, width);
    const std::int8_t* const end = map + height * width;
    const int unit = unit_of(map, end);
    BitWriter bits;
    bits.put(static_cast<std::uint32_t>(unit), kUnitBits);
    bool first = true;
    bool after_value = false;
    for (const std::int8_t* run = map; run != end; first = false) {
        const std::int8_t offset = *run;
        const std::int8_t* const next =
            std::find_if(run, end, [offset](std::int8_t value) { return value != offset; });
        const auto length = static_cast<std::uint32_t>(next - run);
        if (offset == 0) {
            if (next == end) break;
            if (after_value) bits.put(0, 1);
            bits.put_exp_golomb(first ? length : length - 1, kZeroOrder);
        } else {
            if (first) bits.put_exp_golomb(0, kZeroOrder);
            if (after_value) bits.put(1, 1);
            bits.put_exp_golomb(folded(offset / (1 << unit)), kValueOrder);
            bits.put_exp_golomb(length - 1, kRunOrder);
        }
        after_value = offset != 0;
        run = next;
    }
    return bits.take();
}

void decode_quality_map(const std::uint8_t* data, std::size_t size, std::size_t height,
                        std::size_t width, std::int8_t* map) {
    check_sides(height, width);
    if (size == 0) fail(ErrorCode::truncated, "expected at least one byte, came none");
    Runs runs(BitReader(data, size, "quality map"), map, height * width);
    runs.read();
    const std::size_t used = runs.bits().bytes_used();
    if (used != size) {
        fail(ErrorCode::trailing,
             "the map is complete, " + std::to_string(size - used) + " bytes follow");
    }
    if (!runs.bits().rest_is_zero()) {
        fail(ErrorCode::corrupt, "expected zeros in the bits behind the map");
    }
}

}  // namespace tcs
