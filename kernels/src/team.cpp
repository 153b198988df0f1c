#include "team.hpp"

#include <condition_variable>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>

namespace tcs {
namespace {

constexpr int kSpins = 2000;  // some 10 us: a step of the smallest layers

class Team {
public:
    Team(int steps, const std::function<void(int, Share)>& step) : steps_(steps), step_(step) {}

    /// All steps of one member, once it is known how many there are.
    void work(int index) {
        wait_until([&] { return members_.load(std::memory_order_acquire) != 0; });
        const Share share{index, members_.load(std::memory_order_relaxed)};
        for (int n = 0; n < steps_ && failed_.load(std::memory_order_acquire) >= n; ++n) {
            try {
                step_(n, share);
            } catch (...) {
                fail(n);
            }
            meet(share.of);
        }
    }

    void begin(int members) {
        tell([&] { members_.store(members, std::memory_order_release); });
    }

    void rethrow() const {
        if (error_ != nullptr) std::rethrow_exception(error_);
    }

private:
    /// All members end step n, meet behind it, see the failure and leave: one that has yet to begin
    /// the step must not leave before.
    void fail(int n) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (error_ == nullptr) error_ = std::current_exception();
        failed_.store(n, std::memory_order_release);
    }

    void meet(int members) {
        const int round = round_.load(std::memory_order_acquire);
        if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == members) {
            arrived_.store(0, std::memory_order_relaxed);
            tell([&] { round_.store(round + 1, std::memory_order_release); });
        } else {
            wait_until([&] { return round_.load(std::memory_order_acquire) != round; });
        }
    }

    /// Waits for what tell() makes true: awake first, for it comes soon, then asleep.
    template <typename Condition>
    void wait_until(const Condition& holds) {
        for (int spins = 0; spins < kSpins; ++spins)
            if (holds()) return;
        std::unique_lock<std::mutex> lock(mutex_);
        told_.wait(lock, holds);
    }

    template <typename Change>
    void tell(const Change& change) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            change();
        }
        told_.notify_all();
    }

    const int steps_;
    const std::function<void(int, Share)>& step_;
    std::atomic<int> members_{0};
    std::atomic<int> arrived_{0};
    std::atomic<int> round_{0};
    std::atomic<int> failed_{std::numeric_limits<int>::max()};  // the step
    std::mutex mutex_;
    std::condition_variable told_;
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
