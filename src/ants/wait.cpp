#include "ants/wait.hpp"

#include <sys/epoll.h>

#include <cassert>
#include <cerrno>
#include <new>
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
    return state_.load(std::memory_order_relaxed) == kSet &&
           state_.exchange(kClear, std::memory_order_acq_rel) == kSet;
}

namespace detail {

static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLHUP == EPOLLHUP &&
              POLLERR == EPOLLERR && POLLPRI == EPOLLPRI);

PollWait::PollWait(std::span<::pollfd> descriptors, Deadline until, Notice* wakeup_notice,
                   bool yields) noexcept
    : fds(descriptors), deadline(until), notice(wakeup_notice), just_yields(yields) {}

PollWait::~PollWait() {
    if (is_parked) {
        detach();
    }
}

// False: there is nothing to wait for.
bool PollWait::await_suspend(std::coroutine_handle<> handle) noexcept {
    carrier = Carrier::current();
    assert(carrier != nullptr);
    waiter = handle;
    is_parked = true;
    bool is_waiting = watch_all();
    if (is_waiting && deadline != kNever) {
        carrier->arm(alarm, deadline);
    }
    if (is_waiting && notice != nullptr) {
        std::uintptr_t expected = Notice::kClear;
        is_registered = notice->state_.compare_exchange_strong(
            expected, reinterpret_cast<std::uintptr_t>(this), std::memory_order_acq_rel);
        is_waiting = is_registered;
    }
    if (!is_waiting) {
        detach();
        is_parked = false;
    } else if (just_yields) {
        schedule();
    }
    return is_waiting;
}

// False if the answer is known already.
bool PollWait::watch_all() noexcept {
    bool has_ready = false;
    for (; watched < fds.size(); ++watched) {
        ::pollfd& entry = fds[watched];
        entry.revents = 0;
        if (entry.fd < 0) {
            continue;
        }
        int error = ENOMEM;
        try {
            const auto events =
                static_cast<std::uint32_t>(static_cast<unsigned short>(entry.events));
            error = carrier->watch(entry.fd, events, *this, watched);
        } catch (const std::bad_alloc&) {
        }
        if (error == EPERM || error == EBADF) {
            has_ready = true;
            continue;
        }
        if (error != 0) {
            result = -error;
            return false;
        }
    }
    if (has_ready) {
        result = ::poll(fds.data(), fds.size(), 0);
    }
    return !has_ready;
}

void PollWait::note_ready(std::uint32_t index, std::uint32_t events) noexcept {
    ++result;
    fds[index].revents = static_cast<short>(events);
    schedule();
}

void PollWait::schedule() noexcept {
    if (!is_scheduled) {
        is_scheduled = true;
        if (!wakeup.is_linked()) {
            carrier->enqueue(wakeup);
        }
    }
}

void PollWait::Wakeup::resume(Event& event) noexcept {
    PollWait& wait = static_cast<Wakeup&>(event).wait;
    wait.detach();
    wait.is_parked = false;
    wait.waiter.resume();
}

void PollWait::Alarm::expire(Timer& timer) noexcept { static_cast<Alarm&>(timer).wait.schedule(); }

// Leave nothing behind: descriptors, timer, notice.
void PollWait::detach() noexcept {
    for (std::uint32_t i = 0; i < watched; ++i) {
        const int fd = fds[i].fd;
        if (fd >= 0 && static_cast<std::size_t>(fd) < carrier->watches_.size() &&
            carrier->watches_[static_cast<std::size_t>(fd)].wait == this) {
            carrier->unwatch(fd);
        }
    }
    carrier->disarm(alarm);
    if (std::exchange(is_registered, false)) {
        auto expected = reinterpret_cast<std::uintptr_t>(this);
        if (!notice->state_.compare_exchange_strong(expected, Notice::kClear,
                                                    std::memory_order_acq_rel)) {
            // Somebody set it and may be posting just now: have that behind us.
            carrier->withdraw(wakeup);
        }
    }
    wakeup.unlink();
}

}  // namespace detail

}  // namespace ants
