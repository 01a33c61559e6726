// What a pool has done so far. Snapshots: plain values.
#pragma once

#include <chrono>
#include <cstdint>

namespace ants {

struct Statistics {
    std::uint64_t submitted = 0;    // tasks accepted
    std::uint64_t completed = 0;    // of these, ended, panicked ones included
    std::uint64_t panicked = 0;     // ended by an exception
    std::uint64_t spawned = 0;      // workers started
    std::uint64_t purged = 0;       // workers ended for being idle too long
    std::uint64_t tunes = 0;        // calls of tune() that changed the capacity
    std::int32_t peak_running = 0;  // the most tasks at once
};

// One worker id over the life of the pool: workers that had the same id, one after another, count
// together.
struct WorkerStatistics {
    std::int32_t id = 0;
    std::uint64_t tasks = 0;   // ended
    std::uint64_t panics = 0;  // of these
    std::chrono::nanoseconds busy{0};
    std::chrono::nanoseconds idle{0};  // between tasks, while the worker lived
};

}  // namespace ants
