// What a task may wait for. Each parks the coroutine and leaves its carrier free for others; each
// can be ended by destroying the coroutine, and leaves nothing behind. Only from a coroutine that
// runs on a carrier.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <span>

#include "ants/carrier.hpp"

namespace ants {

// Wakes one parked task from any thread, without a descriptor:
//
//     co_await ants::poll({}, deadline, &notice);
//     if (notice.take()) { ... }
//
// It is sticky: set() before the wait makes the wait return at once, until take(). One task at a
// time may wait with it. It outlives every call of set() and every wait.
class Notice {
public:
    Notice() = default;
    Notice(const Notice&) = delete;
    Notice& operator=(const Notice&) = delete;

    // Any thread. What the caller did before is seen by the task that take()s it.
    void set() noexcept;

    // Was it set? Clears it. The waiting task's thread.
    bool take() noexcept;

private:
    friend struct detail::PollWait;

    static constexpr std::uintptr_t kClear = 0;
    static constexpr std::uintptr_t kSet = 1;

    // kClear, kSet, or the address of the PollWait that is parked.
    std::atomic<std::uintptr_t> state_{kClear};
};

namespace detail {

// What co_await poll() waits with; as a timer, for the deadline.
struct PollWait : Timer {
    PollWait(std::span<::pollfd> descriptors, Deadline until, Notice* wakes) noexcept
        : Timer(&resume), fds(descriptors), notice(wakes) {
        deadline = until;
    }
    ~PollWait() { detach(); }

    bool await_ready() const noexcept { return false; }
    // False: there is nothing to wait for. Throws std::bad_alloc.
    bool await_suspend(std::coroutine_handle<> handle);
    int await_resume() const noexcept { return result; }

    // For the carrier: descriptor `index` is ready.
    void note_ready(std::uint32_t index, std::uint32_t events) noexcept;

private:
    friend class ants::Notice;

    // What the notice posts.
    struct Wakeup : Event {
        explicit Wakeup(PollWait& owner) noexcept : Event(&act_now), wait(owner) {}
        static void act_now(Event& event) noexcept { resume(static_cast<Wakeup&>(event).wait); }
        PollWait& wait;
    };

    static void resume(Event& event) noexcept;
    bool watch_all();
    bool register_with_notice() noexcept;
    void detach() noexcept;

    std::span<::pollfd> fds;
    Notice* notice;
    Carrier* carrier = nullptr;  // while something of it must be taken back
    std::coroutine_handle<> waiter;
    Wakeup wakeup{*this};
    int result = 0;
    std::uint32_t watched = 0;   // the first so many of fds were offered to epoll
    bool is_registered = false;  // with the notice
    bool is_ready = false;       // queued, because a descriptor is
};

// What co_await sleep_for() waits with.
struct SleepWait : Timer {
    explicit SleepWait(Deadline until) noexcept : Timer(&resume) { deadline = until; }
    ~SleepWait() {
        if (carrier != nullptr) {
            carrier->disarm(*this);
        }
    }

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle);
    void await_resume() const noexcept {}

private:
    static void resume(Event& event) noexcept;

    Carrier* carrier = nullptr;
    std::coroutine_handle<> waiter;
};

// What co_await yield() waits with.
struct YieldWait : Event {
    YieldWait() noexcept : Event(&resume) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) noexcept;
    void await_resume() const noexcept {}

private:
    static void resume(Event& event) noexcept;

    std::coroutine_handle<> waiter;
};

}  // namespace detail

// Wait until one of the descriptors is ready, the deadline passes, or the notice is set: poll(2)
// that parks. Fills in revents; gives the number of ready entries, 0 on deadline or notice, or
// -errno: -EBUSY if a descriptor is already waited for on this carrier (or twice here), -ENOMEM,
// -ENOSPC. An entry with a negative descriptor is skipped; a closed one is POLLNVAL; what epoll
// refuses (a regular file) is ready at once. A deadline in the past looks and does not wait. To
// close a descriptor while a task waits for it is a bug of the caller; when the wait is over it may
// be closed. `fds` must stay where it is until then.
inline detail::PollWait poll(std::span<::pollfd> fds, Deadline deadline = kNever,
                             Notice* notice = nullptr) noexcept {
    return {fds, deadline, notice};
}

// Wait this long, or a little longer. Others get their turn, however short it is.
inline detail::SleepWait sleep_for(Clock::duration duration) noexcept {
    return detail::SleepWait(detail::after(Clock::now(), duration));
}

// Let the others on this carrier have their turn.
inline detail::YieldWait yield() noexcept { return {}; }

}  // namespace ants
