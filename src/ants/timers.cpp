#include <algorithm>

#include "ants/carrier.hpp"

namespace ants::detail {

Timer* Timers::first_of_run() const noexcept {
    return run_.is_linked() ? static_cast<Timer*>(run_.next) : nullptr;
}

Deadline Timers::earliest() const noexcept {
    const Timer* const first = first_of_run();
    const Deadline of_run = first != nullptr ? first->deadline : kNever;
    return heap_.empty() ? of_run : std::min(of_run, heap_.front().deadline);
}

void Timers::add(Timer& timer, Deadline deadline) {
    timer.deadline = deadline;
    if (!run_.is_linked() || static_cast<Timer*>(run_.previous)->deadline <= deadline) {
        timer.link_before(run_);
        timer.place = Timer::kInRun;
        return;
    }
    heap_.push_back({});
    sift_up(heap_.size() - 1, {deadline, &timer});
}

void Timers::remove(Timer& timer) noexcept {
    const std::uint32_t place = std::exchange(timer.place, Timer::kIdle);
    if (place == Timer::kIdle) {
        return;
    }
    if (place == Timer::kInRun) {
        timer.unlink();
        return;
    }
    const Entry last = heap_.back();
    heap_.pop_back();
    if (last.timer != &timer) {
        // The last one may be of another branch, and earlier than what is above the gap.
        sift_up(place, last);
        sift_down(last.timer->place, last);
    }
}

Timer* Timers::take_due(Deadline now) noexcept {
    Timer* first = first_of_run();
    if (!heap_.empty() && (first == nullptr || heap_.front().deadline < first->deadline)) {
        first = heap_.front().timer;
    }
    if (first == nullptr || first->deadline > now) {
        return nullptr;
    }
    remove(*first);
    return first;
}

void Timers::put(std::size_t place, Entry entry) noexcept {
    heap_[place] = entry;
    entry.timer->place = static_cast<std::uint32_t>(place);
}

void Timers::sift_up(std::size_t place, Entry entry) noexcept {
    while (place > 0) {
        const std::size_t parent = (place - 1) / kChildren;
        if (heap_[parent].deadline <= entry.deadline) {
            break;
        }
        put(place, heap_[parent]);
        place = parent;
    }
    put(place, entry);
}

void Timers::sift_down(std::size_t place, Entry entry) noexcept {
    for (;;) {
        const std::size_t begin = kChildren * place + 1;
        const std::size_t end = std::min(begin + kChildren, heap_.size());
        std::size_t child = begin;
        for (std::size_t i = begin + 1; i < end; ++i) {
            if (heap_[i].deadline < heap_[child].deadline) {
                child = i;
            }
        }
        if (begin >= heap_.size() || entry.deadline <= heap_[child].deadline) {
            break;
        }
        put(place, heap_[child]);
        place = child;
    }
    put(place, entry);
}

}  // namespace ants::detail
