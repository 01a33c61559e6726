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

namespace detail {
struct PollWait;
}

// Wakes one parked task from any thread, without a descriptor:
//
//     co_await ants::poll({}, deadline, &notice);
//     if (notice.take()) { ... }
//
// It is sticky: set() before the wait makes the wait return at once. One task at a time may wait
// with it. It outlives every call of set().
class Notice {
public:
    Notice() = default;
    Notice(const Notice&) = delete;
    Notice& operator=(const Notice&) = delete;

    // Any thread.
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

struct PollWait {
    PollWait(std::span<::pollfd> descriptors, Deadline until, Notice* wakeup, bool yields) noexcept;
    PollWait(const PollWait&) = delete;
    PollWait& operator=(const PollWait&) = delete;
    ~PollWait();

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle) noexcept;
    int await_resume() const noexcept { return result; }

    // For the carrier: descriptor `index` is ready.
    void note_ready(std::uint32_t index, std::uint32_t events) noexcept;
    void schedule() noexcept;

    struct Wakeup : Event {
        explicit Wakeup(PollWait& owner) noexcept : Event(&resume), wait(owner) {}
        static void resume(Event& event) noexcept;
        PollWait& wait;
    };
    struct Alarm : Timer {
        explicit Alarm(PollWait& owner) noexcept : Timer(&expire), wait(owner) {}
        static void expire(Timer& timer) noexcept;
        PollWait& wait;
    };

    std::span<::pollfd> fds;
    Deadline deadline;
    Notice* notice;
    Carrier* carrier = nullptr;
    std::coroutine_handle<> waiter;
    int result = 0;
    std::uint32_t watched = 0;  // the first so many of fds were handed to epoll, if they could be
    bool just_yields;
    bool is_parked = false;
    bool is_scheduled = false;
    bool is_registered = false;  // with the notice
    Wakeup wakeup{*this};
    Alarm alarm{*this};

private:
    friend class ants::Notice;
    bool watch_all() noexcept;
    void detach() noexcept;
};

}  // namespace detail

// Wait until one of the descriptors is ready, the deadline passes, or the notice is set: poll(2)
// that parks. Fills in revents; gives the number of ready entries, 0 on deadline or notice, or
// -errno: -EBUSY if a descriptor is already waited for on this carrier (or twice here), -ENOMEM,
// -ENOSPC. An entry with a negative descriptor is skipped; a closed one is POLLNVAL; what epoll
// refuses (a regular file) is ready at once. To close a descriptor while a task waits for it is a
// bug of the caller. `fds` must stay where it is until the wait is over.
inline detail::PollWait poll(std::span<::pollfd> fds, Deadline deadline = kNever,
                             Notice* notice = nullptr) noexcept {
    return {fds, deadline, notice, false};
}

// Wait this long.
inline detail::PollWait sleep_for(Clock::duration duration) noexcept {
    return {{}, Clock::now() + duration, nullptr, false};
}

// Let the others on this carrier have their turn.
inline detail::PollWait yield() noexcept { return {{}, kNever, nullptr, true}; }

}  // namespace ants
