#include "job/block_queue.hpp"

#include <algorithm>
#include <utility>

namespace antsrun {

BlockQueue::Taker::Taker(BlockQueue& queue) : queue_(queue) {
    const std::lock_guard lock(queue_.mutex_);
    ++queue_.takers_;
}

std::optional<std::string> BlockQueue::Taker::take(ants::Notice& wake) {
    const std::lock_guard lock(queue_.mutex_);
    if (!queue_.blocks_.empty()) {
        std::optional<std::string> block = std::move(queue_.blocks_.front());
        queue_.blocks_.pop_front();
        bytes_taken_ += block->size();
        queue_.changed_.set();
        return block;
    }
    const auto& waiting = queue_.waiting_;
    if (!queue_.has_ended_ && std::find(waiting.begin(), waiting.end(), this) == waiting.end()) {
        waits_with_ = &wake;
        queue_.waiting_.push_back(this);
    }
    return std::nullopt;
}

bool BlockQueue::Taker::has_ended() const {
    const std::lock_guard lock(queue_.mutex_);
    return queue_.has_ended_ && queue_.blocks_.empty();
}

std::uint64_t BlockQueue::Taker::bytes_taken() const {
    const std::lock_guard lock(queue_.mutex_);
    return bytes_taken_;
}

void BlockQueue::Taker::leave() {
    const std::lock_guard lock(queue_.mutex_);
    if (!std::exchange(has_left_, true)) {
        std::erase(queue_.waiting_, this);
        --queue_.takers_;
        queue_.changed_.set();
    }
}

ants::Task<bool> BlockQueue::room() {
    const auto is_settled = [this] {
        const std::lock_guard lock(mutex_);
        return takers_ == 0 || blocks_.size() < most_;
    };
    while (!is_settled()) {
        co_await ants::poll({}, ants::kNever, &changed_);
        changed_.take();
    }
    const std::lock_guard lock(mutex_);
    co_return takers_ > 0;
}

void BlockQueue::put(std::string block) {
    const std::lock_guard lock(mutex_);
    blocks_.push_back(std::move(block));
    wake_all();
}

void BlockQueue::end() {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    wake_all();
}

// They look who is first; the others wait again.
void BlockQueue::wake_all() {
    for (Taker* taker : std::exchange(waiting_, {})) {
        taker->waits_with_->set();
    }
}

}  // namespace antsrun
