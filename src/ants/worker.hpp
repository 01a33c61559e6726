// A worker: takes one task after another. It belongs to a carrier while it runs a task, to the pool
// while it is idle.
#pragma once

#include <cstdint>

#include "ants/carrier.hpp"
#include "ants/pool.hpp"

namespace ants::detail {

class PoolCore;
struct CarrierThread;

// No coroutine of its own: it is told of the end of a task that parks. That saves a frame for each
// worker and a resumption for each task.
struct Worker : Event {
    Worker(PoolCore& pool, std::int32_t number) noexcept : Event(&begin), core(pool), id(number) {}

    // The pool is going: destroy the task where it is parked.
    void drop_task() noexcept;

    PoolCore& core;
    const std::int32_t id;
    bool panicked = false;
    CarrierThread* thread = nullptr;  // while it has a task
    TaskBox task;
    Deadline began;
    Deadline ended;
    Deadline idle_since;

private:
    static void begin(Event& event) noexcept;
    static void task_ended(void* worker) noexcept;
    bool start_task();
    void finish() noexcept;

    Task<> parking_;
};

}  // namespace ants::detail
