// A small stand-in for libFuzzer where the compiler has none (g++): coverage-guided mutation.
//
//   fuzz_x [-max_total_time=SECONDS] FOLDER|FILE...
//
// Files are the seeds, an empty input is always one. Inputs that reach new code join them in memory
// and in the first folder. Without a time it only runs the files. A crash leaves its input in
// crash-<target> in the working folder.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <random>

#include "fuzz.hpp"

namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

constexpr std::size_t kMapSize = 1U << 16;
constexpr std::size_t kMaxInput = 1U << 15;
std::uint8_t passed[kMapSize];  // per edge of the run in hand: times passed, saturated
std::uint8_t seen[kMapSize];    // per edge: a bit for each magnitude of times that any run had
std::uintptr_t previous_place = 0;

const fuzz::Bytes* input_in_hand = nullptr;
std::string crash_file;

// Called by the sanitizers and by abort(): only what is safe in a signal handler would be strictly
// right here, but the program is dying and the input is what counts.
void keep_input() {
    if (input_in_hand == nullptr) return;
    std::ofstream(crash_file, std::ios::binary)
        .write(reinterpret_cast<const char*>(input_in_hand->data()),
               static_cast<std::streamsize>(input_in_hand->size()));
    std::fprintf(stderr, "the input is in %s\n", crash_file.c_str());
}

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

void on_signal(int number) {
    keep_input();
    signal(number, SIG_DFL);
    raise(number);
}

// Runs one input; true if it passed an edge a number of times of a magnitude not seen before.
bool run(const fuzz::Bytes& input) {
    input_in_hand = &input;
    std::fill(passed, passed + kMapSize, std::uint8_t{0});
    previous_place = 0;
    LLVMFuzzerTestOneInput(input.data(), input.size());
    input_in_hand = nullptr;
    bool found = false;
    for (std::size_t edge = 0; edge < kMapSize; ++edge) {
        if (passed[edge] == 0) continue;
        int magnitude = 0;
        while (passed[edge] >> (magnitude + 1) != 0)
            ++magnitude;
        const auto bit = static_cast<std::uint8_t>(1U << magnitude);
        found = found || (seen[edge] & bit) == 0;
        seen[edge] |= bit;
    }
    return found;
}

std::size_t below(Random& random, std::size_t limit) {
    return static_cast<std::size_t>(random() % limit);
}

// One change; `other` is an input to take bytes from.
void mutate(fuzz::Bytes& input, const fuzz::Bytes& other, Random& random) {
    constexpr std::uint8_t ends[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, 0x1F, 0x3F, 0x40};
    const std::size_t at = input.empty() ? 0 : below(random, input.size());
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    const auto kind = input.empty() ? 6 : below(random, 8);
    if (kind == 0) {
        *place ^= static_cast<std::uint8_t>(1U << below(random, 8));
    } else if (kind == 1) {
        *place = static_cast<std::uint8_t>(random());
    } else if (kind == 2) {
        *place = ends[below(random, sizeof ends)];
    } else if (kind == 3) {
        *place = static_cast<std::uint8_t>(*place + below(random, 9) - 4);
    } else if (kind == 4) {
        const std::size_t count = std::min(input.size() - at, below(random, 16) + 1);
        input.erase(place, place + static_cast<std::ptrdiff_t>(count));
    } else if (kind == 5) {
        input.resize(at);
    } else if (kind == 6) {
        const fuzz::Bytes extra(below(random, 8) + 1, static_cast<std::uint8_t>(random()));
        input.insert(place, extra.begin(), extra.end());
    } else if (!other.empty()) {
        const std::size_t from = below(random, other.size());
        const std::size_t count = std::min(other.size() - from, below(random, 64) + 1);
        const auto begin = other.begin() + static_cast<std::ptrdiff_t>(from);
        input.insert(place, begin, begin + static_cast<std::ptrdiff_t>(count));
    }
    if (input.size() > kMaxInput) input.resize(kMaxInput);
}

void load(const fs::path& path, std::vector<fuzz::Bytes>& corpus) {
    if (fs::is_directory(path)) {
        for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
            load(entry.path(), corpus);
        }
        return;
    }
    std::ifstream file(path, std::ios::binary);
    fuzz::expect(file.good(), "the seeds can be read");
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

void save(const fs::path& folder, const fuzz::Bytes& input) {
    const std::uint32_t name = tcs::crc32c(input.data(), input.size());
    std::ofstream(folder / std::to_string(name), std::ios::binary)
        .write(reinterpret_cast<const char*>(input.data()),
               static_cast<std::streamsize>(input.size()));
}

std::size_t fuzz_for(double seconds, const fs::path& folder, std::vector<fuzz::Bytes>& corpus) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    Random random(1);
    std::size_t runs = 0;
    for (; Clock::now() < end; ++runs) {
        fuzz::Bytes input = corpus[below(random, corpus.size())];
        for (std::size_t changes = below(random, 5) + 1; changes > 0; --changes) {
            mutate(input, corpus[below(random, corpus.size())], random);
        }
        if (!run(input)) continue;
        if (!folder.empty()) save(folder, input);
        corpus.push_back(std::move(input));
    }
    return runs;
}

}  // namespace

// Called at every edge of code compiled with -fsanitize-coverage=trace-pc (libtcs, not this file).
extern "C" void __sanitizer_cov_trace_pc() {
    const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    std::uint8_t& count = passed[(place ^ previous_place << 1) % kMapSize];
    if (count != 255) ++count;
    previous_place = place;
}

int main(int argc, char** argv) {
    const std::string time_option = "-max_total_time=";
    double seconds = 0;
    fs::path folder;
    std::vector<fuzz::Bytes> corpus = {{}};
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument.compare(0, time_option.size(), time_option) == 0) {
            seconds = std::stod(argument.substr(time_option.size()));
            continue;
        }
        if (folder.empty() && fs::is_directory(argument)) folder = argument;
        load(argument, corpus);
    }
    crash_file = "crash-" + fs::path(argv[0]).filename().string();
    signal(SIGABRT, on_signal);
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(keep_input);

    const std::size_t seeds = corpus.size();
    for (std::size_t i = 0; i < seeds; ++i)
        run(corpus[i]);
    const std::size_t runs = fuzz_for(seconds, folder, corpus);
    std::printf("%s: %zu seeds, %zu runs, %zu inputs with new coverage\n",
                fs::path(argv[0]).filename().c_str(), seeds, runs, corpus.size() - seeds);
    return 0;
}
