// How long jobs may run: --timeout, a fixed time, or a percentage of the median of those that
// succeeded. Pure; control thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "dispatch/failure_config.hpp"

namespace antsrun {

class TimeLimit {
public:
    // A median of fewer says too little.
    static constexpr std::size_t kFewest = 3;
    // The median is that of the last so many jobs, so that memory stays flat.
    static constexpr std::size_t kMost = 1000;

    explicit TimeLimit(TimeLimitConfig config) : config_(config) {}

    // Nothing: as long as they like.
    std::optional<std::chrono::nanoseconds> limit() const;

    // A job succeeded after so long. True: the limit has changed by more than one part in fifty
    // since the last time it was.
    bool note_success(std::chrono::nanoseconds took);

private:
    const TimeLimitConfig config_;
    std::deque<std::chrono::nanoseconds> last_;     // in the order they ended
    std::vector<std::chrono::nanoseconds> sorted_;  // the same
    std::chrono::nanoseconds told_{0};
};

}  // namespace antsrun
