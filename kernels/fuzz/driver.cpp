// A small stand-in for libFuzzer where the compiler has none (g++): coverage-guided mutation, with
// the names of libFuzzer's options.
//
//   fuzz_x [-seed=N] [-runs=N] [-max_total_time=SECONDS] [-timeout=SECONDS]
//          [-artifact_prefix=PREFIX] FOLDER|FILE...
//
// Files are the seeds, an empty input is always one. Inputs that reach new code join them in memory
// and in the first folder. It stops at the first limit; without runs or time it only runs the
// files. A seed (1), the files and a number of runs make the same inputs every time. A crash leaves
// its input in <prefix>crash-<target>, an input that takes more than the timeout (5 seconds of
// processor time, so that a busy machine makes no hang) in <prefix>hang-<target>; either ends the
// program. Without a prefix that is the working folder. At the end it says how many places of
// libtcs, basic blocks as the compiler instruments them, all inputs together have reached.
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <utility>

#include "fuzz.hpp"

namespace {

namespace fs = std::filesystem;
using Random = std::mt19937_64;

constexpr std::size_t kMapSize = 1U << 16;
constexpr std::size_t kMaxInput = 1U << 15;
std::uint8_t passed[kMapSize];  // per edge of the run in hand: times passed, saturated
std::uint8_t seen[kMapSize];    // per edge: a bit for each magnitude of times that any run had
std::uintptr_t previous_place = 0;

// The places reached by any input: an open hash table. INVARIANT: places_reached < kMapSize.
std::uintptr_t reached[kMapSize];
std::size_t places_reached = 0;

const fuzz::Bytes* input_in_hand = nullptr;
std::string target;
std::string prefix;             // of the names under which inputs are kept
const char* verdict = "crash";  // first part of the name under which an input in hand is kept

// Called by the sanitizers and by abort(): only what is safe in a signal handler would be strictly
// right here, but the program is dying and the input is what counts.
void keep_input() {
    if (input_in_hand == nullptr) return;
    const std::string name = prefix + verdict + "-" + target;
    std::ofstream(name, std::ios::binary)
        .write(reinterpret_cast<const char*>(input_in_hand->data()),
               static_cast<std::streamsize>(input_in_hand->size()));
    std::fprintf(stderr, "%s: the input is in %s\n", verdict, name.c_str());
}

void on_timeout(int) {
    verdict = "hang";
    keep_input();
    _exit(1);
}

// Starts the clock of one run, in processor time; 0 stops it.
void watch(long seconds) {
    itimerval limit{};
    limit.it_value.tv_sec = seconds;
    setitimer(ITIMER_VIRTUAL, &limit, nullptr);
}

void note_place(std::uintptr_t place) {
    std::size_t at = (place ^ place >> 16) % kMapSize;
    while (reached[at] != 0 && reached[at] != place)
        at = (at + 1) % kMapSize;
    if (reached[at] == place || places_reached + 1 == kMapSize) return;
    reached[at] = place;
    ++places_reached;
}

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

void on_signal(int number) {
    keep_input();
    signal(number, SIG_DFL);
    raise(number);
}

struct Options {
    std::uint64_t seed = 1;
    std::size_t runs = 0;
    double seconds = 0;
    long timeout = 5;
    fs::path folder;  // where inputs that reach new code are kept; none if empty
    std::vector<fuzz::Bytes> corpus = {{}};
};

// Runs one input; true if it passed an edge a number of times of a magnitude not seen before.
bool run(const fuzz::Bytes& input, long timeout) {
    input_in_hand = &input;
    std::fill(passed, passed + kMapSize, std::uint8_t{0});
    previous_place = 0;
    watch(timeout);
    LLVMFuzzerTestOneInput(input.data(), input.size());
    watch(0);
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

// Mutates until a limit is reached; returns the number of runs.
std::size_t fuzz_on(Options& options) {
    using Clock = std::chrono::steady_clock;
    const bool timed = options.seconds > 0;
    const auto end = Clock::now() + std::chrono::duration<double>(options.seconds);
    const std::size_t most =
        timed && options.runs == 0 ? std::numeric_limits<std::size_t>::max() : options.runs;
    std::vector<fuzz::Bytes>& corpus = options.corpus;
    Random random(options.seed);
    std::size_t runs = 0;
    for (; runs < most && (!timed || Clock::now() < end); ++runs) {
        fuzz::Bytes input = corpus[below(random, corpus.size())];
        for (std::size_t changes = below(random, 5) + 1; changes > 0; --changes) {
            mutate(input, corpus[below(random, corpus.size())], random);
        }
        if (!run(input, options.timeout)) continue;
        if (!options.folder.empty()) save(options.folder, input);
        corpus.push_back(std::move(input));
    }
    return runs;
}

// Takes an argument of the form -name=value; false if it is another one.
bool take_option(const std::string& argument, Options& options) {
    const std::size_t equals = argument.find('=');
    if (argument.compare(0, 1, "-") != 0 || equals == std::string::npos) return false;
    const std::string name = argument.substr(1, equals - 1);
    const std::string value = argument.substr(equals + 1);
    if (name == "seed") options.seed = std::stoull(value);
    if (name == "runs") options.runs = std::stoull(value);
    if (name == "max_total_time") options.seconds = std::stod(value);
    if (name == "artifact_prefix") prefix = value;
    if (name == "timeout") options.timeout = std::stol(value);
    return true;
}

}  // namespace

// Called at every edge of code compiled with -fsanitize-coverage=trace-pc (libtcs, not this file).
extern "C" void __sanitizer_cov_trace_pc() {
    const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
    note_place(place);
    std::uint8_t& count = passed[(place ^ previous_place << 1) % kMapSize];
    if (count != 255) ++count;
    previous_place = place;
}

int main(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (take_option(argument, options)) continue;
        if (options.folder.empty() && fs::is_directory(argument)) options.folder = argument;
        load(argument, options.corpus);
    }
    target = fs::path(argv[0]).filename().string();
    signal(SIGABRT, on_signal);
    signal(SIGVTALRM, on_timeout);
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(keep_input);

    const std::size_t seeds = options.corpus.size();
    for (std::size_t i = 0; i < seeds; ++i)
        run(options.corpus[i], options.timeout);
    const std::size_t before = places_reached;
    const std::size_t runs = fuzz_on(options);
    std::printf(
        "%s: seed %llu, %zu files, %zu runs, %zu inputs with new coverage; "
        "%zu places by the files, %zu by all; no crash, no run beyond %ld s\n",
        target.c_str(), static_cast<unsigned long long>(options.seed), seeds, runs,
        options.corpus.size() - seeds, before, places_reached, options.timeout);
    return 0;
}
