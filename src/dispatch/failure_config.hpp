// What was asked for about jobs that fail, or take too long. Plain values, made by the command
// line's reader.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace antsrun {

// --retries, --retry-delay
struct RetryConfig {
    // So many attempts in all; 0: until it succeeds.
    std::uint64_t attempts = 1;
    // Before the second attempt, twice that before the third, and so on.
    std::chrono::nanoseconds delay{0};
};

// --timeout
struct TimeLimitConfig {
    std::optional<std::chrono::nanoseconds> fixed;
    double percent = 0;  // of the median of those that succeeded; 0: none
};

// --halt
struct HaltConfig {
    enum class When {
        never,
        soon,  // start nothing more
        now,   // end what runs, too
    };
    enum class Why { fail, success, done };

    When when = When::never;
    Why why = Why::fail;
    // So many jobs, or so many percent of all.
    std::uint64_t value = 1;
    bool is_percent = false;
};

}  // namespace antsrun
