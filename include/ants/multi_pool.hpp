// MultiPool<P>: several pools behind one, each with a lock of its own: for submitters so many that
// one lock would hold them up. P is Pool or FuncPool<T>.
//
//     ants::MultiPool<ants::Pool> pools(8, 1000, ants::LoadBalancing::RoundRobin);
//     ants::MultiPool<ants::FuncPool<int>> calls(8, 1000, ants::LoadBalancing::LeastTasks, square);
//
// Every function may be called from any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "ants/error.hpp"
#include "ants/func_pool.hpp"
#include "ants/pool.hpp"

namespace ants {

enum class LoadBalancing {
    // Each in turn; one that is overloaded is passed over, once, for the least loaded.
    RoundRobin = 1,
    // The one with the fewest workers.
    LeastTasks,
};

// A number, or why there is none.
struct Count {
    std::int32_t value = 0;
    std::error_code error;
};

// How release(timeout) of several pools went.
struct ReleaseResult {
    std::error_code error;
    // Which pools did not end, and why: "pool 2: tasks still run after the timeout; pool 5: ...".
    std::string message;
};

template <class P>
class MultiPool {
public:
    // `size` pools of `capacity` each; `arguments` are what P takes between capacity and Options,
    // and Options. Throws std::system_error with Errc::invalid_multi_pool_size or
    // Errc::invalid_load_balancing_strategy, and what P throws.
    template <class... Arguments>
    MultiPool(std::int32_t size, std::int32_t capacity, LoadBalancing strategy,
              const Arguments&... arguments)
        : strategy_(strategy) {
        if (size <= 0) {
            throw std::system_error(Errc::invalid_multi_pool_size);
        }
        if (strategy != LoadBalancing::RoundRobin && strategy != LoadBalancing::LeastTasks) {
            throw std::system_error(Errc::invalid_load_balancing_strategy);
        }
        for (std::int32_t i = 0; i < size; ++i) {
            pools_.push_back(std::make_unique<P>(capacity, arguments...));
        }
    }

    // P = Pool. As Pool::submit, on one of the pools. An overload under RoundRobin is tried once
    // more on the least loaded.
    template <class F>
    [[nodiscard]] std::error_code submit(F&& function) {
        detail::TaskBox task(std::forward<F>(function));
        return hand_over([&](P& pool) { return pool.submit_box(task); });
    }

    // P = FuncPool<T>. The same with FuncPool::invoke.
    template <class Q = P>
    [[nodiscard]] std::error_code invoke(typename Q::Value value) {
        return hand_over([&](P& pool) { return pool.hand_over(value); });
    }

    std::int32_t size() const { return static_cast<std::int32_t>(pools_.size()); }

    // Of all pools together; free() and capacity() are -1 if they are unlimited.
    std::int32_t running() const { return sum(&P::running); }
    std::int32_t waiting() const { return sum(&P::waiting); }
    std::int32_t free() const { return pools_[0]->free() < 0 ? -1 : sum(&P::free); }
    std::int32_t capacity() const { return pools_[0]->capacity() < 0 ? -1 : sum(&P::capacity); }
    bool is_closed() const { return pools_[0]->is_closed(); }

    // Of one; Errc::invalid_pool_index unless 0 <= i < size().
    Count running_at(std::int32_t i) const { return at(i, &P::running); }
    Count free_at(std::int32_t i) const { return at(i, &P::free); }
    Count waiting_at(std::int32_t i) const { return at(i, &P::waiting); }

    // Each pool gets this capacity.
    void tune(std::int32_t n) { for_each(&P::tune, n); }
    void release() {
        for (const auto& pool : pools_) {
            pool->release();
        }
    }
    void reboot() {
        for (const auto& pool : pools_) {
            pool->reboot();
        }
    }

    // Release all and wait for all, `timeout` in all.
    ReleaseResult release(std::chrono::nanoseconds timeout) {
        const Deadline deadline = detail::after(Clock::now(), timeout);
        release();
        ReleaseResult result;
        for (std::size_t i = 0; i < pools_.size(); ++i) {
            const auto left = std::max(deadline - Clock::now(), Clock::duration::zero());
            if (const std::error_code error = pools_[i]->release(left)) {
                result.error = error;
                result.message += (result.message.empty() ? "" : "; ");
                result.message += "pool " + std::to_string(i) + ": " + error.message();
            }
        }
        return result;
    }

private:
    template <class Action>
    std::error_code hand_over(Action action) {
        if (strategy_ == LoadBalancing::LeastTasks) {
            return action(least_loaded());
        }
        const std::size_t turn = turn_.fetch_add(1, std::memory_order_relaxed) % pools_.size();
        std::error_code error = action(*pools_[turn]);
        if (error == Errc::pool_overload) {
            error = action(least_loaded());
        }
        return error;
    }

    P& least_loaded() const {
        return **std::min_element(pools_.begin(), pools_.end(), [](const auto& a, const auto& b) {
            return a->running() < b->running();
        });
    }

    std::int32_t sum(std::int32_t (P::*count)() const) const {
        std::int32_t total = 0;
        for (const auto& pool : pools_) {
            total += ((*pool).*count)();
        }
        return total;
    }

    Count at(std::int32_t i, std::int32_t (P::*count)() const) const {
        if (i < 0 || i >= size()) {
            return {0, Errc::invalid_pool_index};
        }
        return {((*pools_[static_cast<std::size_t>(i)]).*count)(), {}};
    }

    void for_each(void (P::*action)(std::int32_t), std::int32_t n) {
        for (const auto& pool : pools_) {
            ((*pool).*action)(n);
        }
    }

    const LoadBalancing strategy_;
    std::atomic<std::size_t> turn_{0};
    std::vector<std::unique_ptr<P>> pools_;
};

}  // namespace ants
