// The clock by which jobs are timed: monotonic, and still while the run is stopped (Ctrl-Z). Any
// thread may read it; the control thread stops it and lets it go on.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

#include "ants/wait.hpp"

namespace antsrun {

class JobClock {
public:
    // Since some moment in the past; only differences mean something.
    std::chrono::nanoseconds now() const {
        const std::lock_guard lock(mutex_);
        const auto moment = is_stopped_ ? stopped_at_ : ants::Clock::now();
        return moment.time_since_epoch() - lost_;
    }

    bool is_stopped() const { return is_stopped_.load(); }

    void stop() {
        const std::lock_guard lock(mutex_);
        if (!is_stopped_) {
            stopped_at_ = ants::Clock::now();
            is_stopped_ = true;
        }
    }

    void go_on() {
        const std::lock_guard lock(mutex_);
        if (is_stopped_) {
            lost_ += ants::Clock::now() - stopped_at_;
            is_stopped_ = false;
        }
    }

private:
    mutable std::mutex mutex_;
    std::atomic<bool> is_stopped_{false};  // written under mutex_
    ants::Deadline stopped_at_{};          // guarded by mutex_
    ants::Clock::duration lost_{0};        // guarded by mutex_
};

}  // namespace antsrun
