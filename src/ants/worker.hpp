// A worker: takes one task after another. It belongs to a carrier while it runs a task, to the pool
// while it is idle.
#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>

#include "ants/carrier.hpp"
#include "ants/pool.hpp"

namespace ants::detail {

class PoolCore;
struct CarrierThread;

struct Worker : Event {
    // The coroutine that awaits tasks which park, one after another. It is made with the first of
    // them: a worker of plain tasks needs none.
    struct Life {
        struct promise_type {
            Life get_return_object() noexcept {
                return {std::coroutine_handle<promise_type>::from_promise(*this)};
            }
            std::suspend_always initial_suspend() const noexcept { return {}; }
            std::suspend_never final_suspend() const noexcept { return {}; }
            void return_void() const noexcept {}
            [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
        };
        std::coroutine_handle<promise_type> handle;
    };

    Worker(PoolCore& pool, std::int32_t number) noexcept : Event(&begin), core(pool), id(number) {}
    ~Worker() { destroy_life(); }

    // Run `task`, on the carrier.
    static void begin(Event& event) noexcept;
    void destroy_life() noexcept;

    PoolCore& core;
    const std::int32_t id;
    // While it has a task.
    CarrierThread* thread = nullptr;
    TaskBox task;
    bool panicked = false;
    Deadline began;
    Deadline ended;
    Deadline idle_since;
    // In the stack of those that have finished.
    Worker* next_finished = nullptr;

private:
    struct GiveBack;
    static Life live(Worker& worker);
    void run_plain() noexcept;

    std::coroutine_handle<> life_;
};

}  // namespace ants::detail
