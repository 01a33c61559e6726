// What the tests of the library share: waiting with a predicate, holding tasks, counting them.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "ants/ants.hpp"

namespace ants {

using namespace std::chrono_literals;

// Nothing here takes long: whoever waits longer than this waits for ever.
inline constexpr auto kHang = 120s;

// Give way to other threads until it is so. False: it never was.
template <class Predicate>
bool eventually(Predicate predicate) {
    const Deadline deadline = Clock::now() + kHang;
    while (!predicate()) {
        if (Clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

// Holds tasks until it is opened.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        opened_.notify_all();
    }

    // Blocks the thread.
    void pass() {
        ++arrived_;
        std::unique_lock lock(mutex_);
        opened_.wait_for(lock, kHang, [this] { return is_open_.load(); });
        ++left_;
    }

    // Parks the coroutine.
    Task<> park() {
        ++arrived_;
        while (!is_open_) {
            co_await sleep_for(1ms);
        }
        ++left_;
    }

    int arrived() const { return arrived_; }
    int left() const { return left_; }

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    std::atomic<bool> is_open_{false};
    std::atomic<int> arrived_{0};
    std::atomic<int> left_{0};
};

// How many are inside at once, and how many were at most.
class Crowd {
public:
    void enter() {
        const int now = ++inside_;
        int most = most_;
        while (now > most && !most_.compare_exchange_weak(most, now)) {
        }
    }
    void leave() { --inside_; }
    int most() const { return most_; }

private:
    std::atomic<int> inside_{0};
    std::atomic<int> most_{0};
};

// Says when it is destroyed, unless it was moved from.
class Sign {
public:
    explicit Sign(std::atomic<int>& destroyed) : destroyed_(&destroyed) {}
    Sign(Sign&& other) noexcept : destroyed_(std::exchange(other.destroyed_, nullptr)) {}
    Sign(const Sign&) = delete;
    Sign& operator=(const Sign&) = delete;
    ~Sign() {
        if (destroyed_ != nullptr) {
            ++*destroyed_;
        }
    }

private:
    std::atomic<int>* destroyed_;
};

// So many tasks that stay until the gate is opened. True: all have begun.
template <class P>
bool hold(P& pool, int count, Gate& gate) {
    const int goal = gate.arrived() + count;
    for (int i = 0; i < count; ++i) {
        if (pool.submit([&gate] { return gate.park(); })) {
            return false;
        }
    }
    return eventually([&] { return gate.arrived() >= goal; });
}

// The worker that runs the next task, which has ended then; 0: it was refused, or never ran.
inline std::int32_t next_worker(Pool& pool) {
    std::atomic<std::int32_t> id{0};
    const std::uint64_t before = pool.statistics().completed;
    if (pool.submit([&](std::int32_t worker) { id = worker; })) {
        return 0;
    }
    eventually([&] { return id != 0 && pool.statistics().completed > before; });
    return id;
}

// Tasks held by a gate each, on the workers 1, 2, ... of a new pool.
inline bool hold_each(Pool& pool, std::vector<Gate>& gates) {
    return std::all_of(gates.begin(), gates.end(), [&](Gate& gate) { return hold(pool, 1, gate); });
}

// Let the tasks of these workers end, one after another.
inline bool open_in_order(Pool& pool, std::vector<Gate>& gates,
                          const std::vector<std::size_t>& workers) {
    return std::all_of(workers.begin(), workers.end(), [&](std::size_t worker) {
        const std::uint64_t before = pool.statistics().completed;
        gates[worker - 1].open();
        return eventually([&] { return pool.statistics().completed > before; });
    });
}

// All that was accepted has ended.
inline bool is_quiet(const Pool& pool) {
    const Statistics statistics = pool.statistics();
    return statistics.completed == statistics.submitted;
}

// What a task throws here.
[[noreturn]] inline void panic() { throw std::runtime_error("boom"); }

inline Task<> panic_later() {
    co_await sleep_for(100us);
    panic();
}

// Submits as a coroutine, and keeps the answer.
template <class F>
Task<> submit_from_coroutine(Pool& pool, F task, std::optional<std::error_code>& answer) {
    const std::error_code refused = co_await pool.async_submit(std::move(task));
    answer = refused;
}

// The code of the std::system_error that it throws.
template <class Action>
std::error_code thrown(Action action) {
    try {
        action();
    } catch (const std::system_error& error) {
        return error.code();
    }
    return {};
}

}  // namespace ants
