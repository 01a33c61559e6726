#include "dispatch/time_limit.hpp"

#include <algorithm>
#include <cmath>

namespace antsrun {

std::optional<std::chrono::nanoseconds> TimeLimit::limit() const {
    if (config_.percent <= 0 || sorted_.size() < kFewest) {
        return config_.fixed;
    }
    const auto median = static_cast<double>(sorted_[sorted_.size() / 2].count());
    return std::chrono::nanoseconds(std::llround(median * config_.percent / 100));
}

bool TimeLimit::note_success(std::chrono::nanoseconds took) {
    if (config_.percent <= 0) {
        return false;
    }
    if (last_.size() == kMost) {
        sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), last_.front()));
        last_.pop_front();
    }
    last_.push_back(took);
    sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), took), took);
    const auto now = limit().value_or(told_);
    const bool has_changed = std::chrono::abs(now - told_) > told_ / 50;
    told_ = has_changed ? now : told_;
    return has_changed;
}

}  // namespace antsrun
