// The sums of the integer engine, by the variant in use and by the plain one, on random numbers.
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "ops.hpp"
#include "tcs/simd.hpp"
#include "tcs/status.hpp"

namespace {

std::mt19937 random_numbers(1);

template <typename Element>
std::vector<Element> drawn(std::size_t count, int low, int high) {
    std::uniform_int_distribution<int> range(low, high);
    std::vector<Element> made(count);
    for (Element& value : made)
        value = static_cast<Element>(range(random_numbers));
    return made;
}

/// Largest magnitudes come first, where sums in 16 bits would break.
template <typename Element>
std::vector<Element> with_extremes(std::size_t count, int low, int high) {
    std::vector<Element> made = drawn<Element>(count, low, high);
    for (std::size_t i = 0; i < count / 2; ++i)
        made[i] = static_cast<Element>(i % 3 == 0 ? high : low);
    return made;
}

using Sums = std::vector<std::int32_t>;

int failures = 0;

template <typename Run>
void compare(const char* what, std::size_t count, const Sums& start, const Run& run) {
    Sums plain = start, fast = start;
    run(tcs::kGenericOps, plain);
    run(tcs::ops(), fast);
    if (plain == fast) return;
    std::fprintf(stderr, "%s of %zu: other sums than the plain ones\n", what, count);
    ++failures;
}

void compare_all(std::size_t count, std::size_t rows) {
    const Sums start = drawn<std::int32_t>(rows, -100000, 100000);
    const auto w = with_extremes<std::int8_t>(count * rows, -128, 127);
    const auto bytes = with_extremes<std::uint8_t>(count * rows, 0, 255);
    const auto wide = with_extremes<std::int16_t>(count, -32767, 32767);
    compare("dots", count, start, [&](const tcs::Ops& ops, Sums& sums) {
        ops.dots(bytes.data(), w.data(), count, rows, sums.data());
    });
    compare("wide dots", count, start, [&](const tcs::Ops& ops, Sums& sums) {
        ops.wide_dots(wide.data(), w.data(), count, rows, sums.data());
    });
    compare("taps", rows, start, [&](const tcs::Ops& ops, Sums& sums) {
        ops.taps(bytes.data(), w.data(), count, rows, sums.data());
    });
    for (int shift = 1; shift <= 32; ++shift) {
        const int most = shift < 19 ? 1 << (shift + 12) : 2147483647;  // results fit int32
        const auto mult = drawn<std::int32_t>(rows, 0, most);
        compare("requantise", rows, start, [&](const tcs::Ops& ops, Sums& sums) {
            ops.requantise(sums.data(), mult.data(), shift, -7, rows);
        });
    }
}

}  // namespace

int main() {
    try {
        std::printf("%s\n", tcs::simd_name().c_str());
    } catch (const tcs::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 77;  // skipped: not a variant of this processor
    }
    const std::vector<std::size_t> counts = {1, 4, 9, 15, 16, 17, 31, 32, 33, 64, 100, 128, 400};
    for (const std::size_t count : counts)
        for (std::size_t rows = 1; rows <= 37; ++rows)
            compare_all(count, rows);
    return failures == 0 ? 0 : 1;
}
