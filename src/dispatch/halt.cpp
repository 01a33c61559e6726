#include "dispatch/halt.hpp"

#include <algorithm>

namespace antsrun {

void Halt::on_finished(const Finished& finished) {
    ++(finished.outcome.succeeded() ? succeeded_ : failed_);
    if (config_.when == HaltConfig::When::never || is_reached_) {
        return;
    }
    const std::uint64_t total = finished.job.total;
    is_reached_ = config_.is_percent ? total > 0 && matching() * 100 >= config_.value * total
                                     : matching() >= config_.value;
    if (is_reached_) {
        exit_status_ = status_of(finished);
        reached_(config_.when);
    }
}

std::uint64_t Halt::matching() const {
    switch (config_.why) {
        case HaltConfig::Why::fail: return failed_;
        case HaltConfig::Why::success: return succeeded_;
        case HaltConfig::Why::done: return failed_ + succeeded_;
    }
    return 0;
}

std::optional<int> Halt::status_of(const Finished& last) const {
    constexpr std::uint64_t kMost = 101;  // as without --halt
    if (config_.why == HaltConfig::Why::success) {
        return 0;
    }
    if (config_.why == HaltConfig::Why::done) {
        return std::nullopt;
    }
    if (config_.is_percent) {
        return static_cast<int>(std::clamp<std::uint64_t>(failed_ * 100 / last.job.total, 1, 100));
    }
    return config_.value == 1 ? std::max(last.outcome.status(), 1)
                              : static_cast<int>(std::min(failed_, kMost));
}

}  // namespace antsrun
