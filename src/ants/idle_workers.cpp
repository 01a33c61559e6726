#include "ants/idle_workers.hpp"

#include <algorithm>
#include <utility>

namespace ants::detail {

void IdleWorkers::push(Worker& worker) {
    if (size_ == ring_.size()) {
        std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_),
                    ring_.end());
        first_ = 0;
        ring_.resize(std::max<std::size_t>(8, 2 * ring_.size()));
    }
    ring_[wrap(first_ + size_)] = &worker;
    ++size_;
}

Worker& IdleWorkers::pop_newest() noexcept {
    --size_;
    return *ring_[wrap(first_ + size_)];
}

Worker& IdleWorkers::pop_oldest() noexcept {
    Worker& worker = *ring_[first_];
    first_ = wrap(first_ + 1);
    --size_;
    return worker;
}

Worker& IdleWorkers::pop_highest() noexcept {
    std::size_t highest = 0;
    for (std::size_t i = 1; i < size_; ++i) {
        if (ring_[wrap(first_ + i)]->id > ring_[wrap(first_ + highest)]->id) {
            highest = i;
        }
    }
    Worker& worker = *ring_[wrap(first_ + highest)];
    for (std::size_t i = highest; i + 1 < size_; ++i) {
        ring_[wrap(first_ + i)] = ring_[wrap(first_ + i + 1)];
    }
    --size_;
    return worker;
}

}  // namespace ants::detail
