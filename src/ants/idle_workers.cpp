#include "ants/idle_workers.hpp"

#include <algorithm>

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

std::vector<Worker*> IdleWorkers::take_highest(std::int32_t count, std::int32_t highest) {
    std::vector<Worker*> all;
    while (!is_empty()) {
        all.push_back(&pop_oldest());
    }
    std::vector<Worker*> by_id = all;
    std::sort(by_id.begin(), by_id.end(), [](auto* a, auto* b) { return a->id > b->id; });
    std::size_t taken = 0;
    while (taken < by_id.size() &&
           (static_cast<std::int32_t>(taken) < count || by_id[taken]->id > highest)) {
        ++taken;
    }
    by_id.resize(taken);
    for (Worker* const worker : all) {
        if (taken == 0 || worker->id < by_id.back()->id) {
            push(*worker);
        }
    }
    return by_id;
}

}  // namespace ants::detail
