// Threads that go through the same steps together, each with its share of a step.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <vector>

namespace tcs {

/// A part of `count` things in order: `index` of `of`.
struct Share {
    int index = 0;
    int of = 1;

    template <typename Number>
    Number begin(Number count) const {
        return count * static_cast<Number>(index) / static_cast<Number>(of);
    }
    template <typename Number>
    Number end(Number count) const {
        return count * static_cast<Number>(index + 1) / static_cast<Number>(of);
    }
};

/// Calls step(n, share) for n = 0 .. steps - 1 in every thread, the calling one among them; no
/// thread begins a step before all have ended the one before. Where the system gives fewer threads
/// than `threads`, those it gives share the work. What a step throws ends the run and is thrown on.
void run_together(int threads, int steps, const std::function<void(int, Share)>& step);

}  // namespace tcs
