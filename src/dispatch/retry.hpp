// Whether a job that failed runs again, and when. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "dispatch/failure_config.hpp"

namespace antsrun {

// There may be one after this, from 1.
inline bool may_run_again(const RetryConfig& config, int attempt) {
    return config.attempts == 0 || static_cast<std::uint64_t>(attempt) < config.attempts;
}

// How long to wait after this failed attempt, from 1. Not more than a day, unless asked for.
inline std::chrono::nanoseconds delay_after(const RetryConfig& config, int attempt) {
    constexpr std::chrono::nanoseconds kMost = std::chrono::hours(24);
    auto delay = config.delay;
    for (int i = 1; i < attempt && delay < kMost; ++i) {
        delay = std::min(2 * delay, std::max(kMost, config.delay));
    }
    return delay;
}

}  // namespace antsrun
