#include "team.hpp"

#include <mutex>
#include <system_error>
#include <thread>

namespace tcs {
namespace {

constexpr int kSpins = 2000;  // some 10 us: a step of the smallest layers

/// Waits for a condition that comes soon: first awake, then giving way to other threads.
template <typename Condition>
void wait_until(const Condition& holds) {
    for (int spins = 0; !holds(); ++spins)
        if (spins >= kSpins) std::this_thread::yield();
}

class Team {
public:
    Team(int steps, const std::function<void(int, Share)>& step) : steps_(steps), step_(step) {}

    /// All steps of one member, once it is known how many there are.
    void work(int index) {
        wait_until([&] { return members_.load(std::memory_order_acquire) != 0; });
        const Share share{index, members_.load(std::memory_order_relaxed)};
        for (int n = 0; n < steps_ && !failed_.load(std::memory_order_acquire); ++n) {
            try {
                step_(n, share);
            } catch (...) {
                fail();
            }
            meet(share.of);
        }
    }

    void begin(int members) { members_.store(members, std::memory_order_release); }

    void rethrow() const {
        if (error_ != nullptr) std::rethrow_exception(error_);
    }

private:
    void fail() {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (error_ == nullptr) error_ = std::current_exception();
        failed_.store(true, std::memory_order_release);
    }

    /// A failure of a step is seen by all behind their meeting, so all leave at the same step.
    void meet(int members) {
        const int round = round_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == members) {
            arrived_.store(0, std::memory_order_relaxed);
            round_.store(round + 1, std::memory_order_release);
        } else {
            wait_until([&] { return round_.load(std::memory_order_acquire) != round; });
        }
    }

    const int steps_;
    const std::function<void(int, Share)>& step_;
    std::atomic<int> members_{0};
    std::atomic<int> arrived_{0};
    std::atomic<int> round_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::exception_ptr error_;
};

}  // namespace

void run_together(int threads, int steps, const std::function<void(int, Share)>& step) {
    Team team(steps, step);
    std::vector<std::thread> others;
    try {
        while (static_cast<int>(others.size()) + 1 < threads) {
            const int index = static_cast<int>(others.size()) + 1;
            others.emplace_back([&team, index] { team.work(index); });
        }
    } catch (const std::system_error&) {
        // No more threads to be had: the work is shared by fewer.
    }
    team.begin(static_cast<int>(others.size()) + 1);
    team.work(0);
    for (std::thread& other : others)
        other.join();
    team.rethrow();
}

}  // namespace tcs
