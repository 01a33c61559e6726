// The carriers of a pool, each with its thread. Guarded by the pool's lock.
#pragma once

#include <pthread.h>

#include <cstdint>
#include <memory>
#include <system_error>
#include <vector>

#include "ants/carrier.hpp"

namespace ants::detail {

class PoolCore;

struct CarrierThread {
    explicit CarrierThread(PoolCore& pool) : core(pool) {}

    PoolCore& core;
    Carrier carrier;
    pthread_t thread{};
    std::int32_t unfinished = 0;  // tasks

    struct Stop : Event {
        explicit Stop(Carrier& carrier_to_stop) noexcept
            : Event(&act_now), target(carrier_to_stop) {}
        static void act_now(Event& event) noexcept { static_cast<Stop&>(event).target.stop(); }
        Carrier& target;
    } stop{carrier};
};

class CarrierThreads {
public:
    // `wanted` threads at most; 0: as many as CPUs are available.
    CarrierThreads(PoolCore& pool, std::int32_t wanted);

    std::int32_t count() const noexcept { return static_cast<std::int32_t>(threads_.size()); }

    // The one for the next task: one with nothing unfinished; else a new one, `at_most` in all;
    // else the less loaded of two. Null, with `error`, if not even the first could be started.
    CarrierThread* choose(std::int32_t at_most, std::error_code& error);

    void add_task(CarrierThread& thread) noexcept;
    void remove_task(CarrierThread& thread);

    // There is one at least. One with nothing unfinished if there is one.
    CarrierThread& most_idle() noexcept {
        return free_.empty() ? *threads_.front() : *free_.back();
    }

    // Without the lock: let them begin what they have, then stop; wait for it.
    void stop_and_join() noexcept;

private:
    bool start(std::error_code& error);

    PoolCore& core_;
    std::int32_t wanted_;
    std::vector<std::unique_ptr<CarrierThread>> threads_;
    std::vector<CarrierThread*> free_;  // with nothing unfinished
    std::uint32_t random_ = 1;
};

}  // namespace ants::detail
