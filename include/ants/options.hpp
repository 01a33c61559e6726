// How a pool is to behave. All members have defaults: name those that differ.
//
//     ants::Pool pool(64, {.nonblocking = true});
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <string_view>

namespace ants {

struct Options {
    // An idle worker older than this is ended. Zero is taken for the default, as in the original;
    // negative is Errc::invalid_pool_expiry.
    std::chrono::nanoseconds expiry = std::chrono::seconds(1);

    // Keep idle workers in a ring of the pool's capacity, allocated once, and reuse them first-in
    // first-out. Such a pool cannot be tuned. With an unlimited pool:
    // Errc::invalid_preallocate_size.
    bool preallocate = false;

    // How many submitters may wait while the pool is full; 0: any number. One more is refused with
    // Errc::pool_overload.
    std::int32_t max_blocking_tasks = 0;

    // Never wait: a full pool refuses with Errc::pool_overload.
    bool nonblocking = false;

    // Is given what left a task as an exception, on the carrier that ran it. Default: it is logged.
    // May throw: that is logged, and goes no further.
    std::function<void(std::exception_ptr)> panic_handler{};

    // Takes a line of text (no newline). Default: standard error. Any carrier calls it.
    std::function<void(std::string_view)> logger{};

    // Idle workers are kept for ever.
    bool disable_purge = false;

    // How many threads run the tasks; 0: as many as CPUs are available to this process. Never more
    // than the capacity. A task that blocks its thread holds up the others of that carrier: whoever
    // submits such tasks sets carriers = capacity and has a plain thread pool.
    std::int32_t carriers = 0;
};

}  // namespace ants
