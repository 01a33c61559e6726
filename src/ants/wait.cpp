#include "ants/wait.hpp"

#include <sys/epoll.h>

#include <cassert>
#include <cerrno>
#include <utility>

namespace ants {

void Notice::set() noexcept {
    const std::uintptr_t before = state_.exchange(kSet, std::memory_order_acq_rel);
    if (before > kSet) {
        // The waiter cannot go away before this has arrived: see PollWait::detach().
        auto* const wait = reinterpret_cast<detail::PollWait*>(before);
        wait->carrier->post(wait->wakeup);
    }
}

bool Notice::take() noexcept {
    // Relaxed: if it is set, the exchange looks again.
    return state_.load(std::memory_order_relaxed) == kSet &&
           state_.exchange(kClear, std::memory_order_acq_rel) == kSet;
}

namespace detail {

// ---- poll

static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLHUP == EPOLLHUP &&
              POLLERR == EPOLLERR && POLLPRI == EPOLLPRI && POLLRDHUP == EPOLLRDHUP);

bool PollWait::await_suspend(std::coroutine_handle<> handle) {
    carrier = Carrier::current();
    assert(carrier != nullptr);
    waiter = handle;
    if (!watch_all()) {
        detach();
        return false;
    }
    if (deadline != kNever) {
        carrier->arm(*this, deadline);
    }
    if (!register_with_notice()) {
        detach();
        return false;
    }
    return true;
}

// False if the answer is known already.
bool PollWait::watch_all() {
    bool has_ready = false;
    for (; watched < fds.size(); ++watched) {
        ::pollfd& entry = fds[watched];
        entry.revents = 0;
        if (entry.fd < 0) {
            continue;
        }
        const auto events = static_cast<std::uint16_t>(entry.events);
        const int error = carrier->watch(entry.fd, events, *this, watched);
        if (error == EPERM || error == EBADF) {
            has_ready = true;  // poll(2) knows the answer for these
        } else if (error != 0) {
            result = -error;
            return false;
        }
    }
    if (has_ready) {
        const int count = ::poll(fds.data(), fds.size(), 0);
        result = count >= 0 ? count : -errno;
    }
    return !has_ready;
}

// False if it is set.
bool PollWait::register_with_notice() noexcept {
    if (notice == nullptr) {
        return true;
    }
    std::uintptr_t expected = Notice::kClear;
    is_registered = notice->state_.compare_exchange_strong(
        expected, reinterpret_cast<std::uintptr_t>(this), std::memory_order_acq_rel);
    assert(is_registered || expected == Notice::kSet);  // one task at a time
    return is_registered;
}

void PollWait::note_ready(std::uint32_t index, std::uint32_t events) noexcept {
    ++result;
    fds[index].revents = static_cast<std::int16_t>(events);
    if (!std::exchange(is_ready, true)) {
        carrier->disarm(*this);
        carrier->enqueue(*this);
    }
}

void PollWait::resume(Event& event) noexcept {
    auto& wait = static_cast<PollWait&>(event);
    wait.detach();
    wait.waiter.resume();
}

// Leave nothing behind: descriptors, timer, notice.
void PollWait::detach() noexcept {
    if (carrier == nullptr) {
        return;
    }
    for (std::uint32_t i = 0; i < watched; ++i) {
        const auto number = static_cast<std::size_t>(fds[i].fd);
        if (fds[i].fd >= 0 && number < carrier->watches_.size() &&
            carrier->watches_[number].wait == this) {
            carrier->unwatch(fds[i].fd);
        }
    }
    carrier->disarm(*this);
    if (std::exchange(is_registered, false)) {
        auto expected = reinterpret_cast<std::uintptr_t>(this);
        if (!notice->state_.compare_exchange_strong(expected, Notice::kClear,
                                                    std::memory_order_acq_rel)) {
            // Somebody set it and may be posting just now: have that behind us.
            carrier->withdraw(wakeup);
        }
    }
    carrier = nullptr;
}

// ---- sleep_for

void SleepWait::await_suspend(std::coroutine_handle<> handle) {
    carrier = Carrier::current();
    assert(carrier != nullptr);
    waiter = handle;
    carrier->arm(*this, deadline);
}

void SleepWait::resume(Event& event) noexcept { static_cast<SleepWait&>(event).waiter.resume(); }

// ---- yield

void YieldWait::await_suspend(std::coroutine_handle<> handle) noexcept {
    Carrier* const carrier = Carrier::current();
    assert(carrier != nullptr);
    waiter = handle;
    carrier->enqueue(*this);
}

void YieldWait::resume(Event& event) noexcept { static_cast<YieldWait&>(event).waiter.resume(); }

}  // namespace detail

}  // namespace ants
