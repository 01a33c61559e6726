// Carrier: one thread with one event loop, on which any number of coroutines take turns.
//
// A pool makes its own. A program can have one more for itself and run it with the calling thread:
//
//     ants::Carrier control;
//     control.spawn(watch_something());        // owned by the carrier, runs beside
//     int result = control.run(main_task());   // returns when main_task has ended
//
// Everything belongs to the thread that runs the loop, except what says "any thread". What a
// coroutine may wait for stands in wait.hpp. A carrier has two descriptors: an epoll for readiness,
// and an eventfd that is written when another thread has something for a loop that sleeps.
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "ants/task.hpp"

namespace ants {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
inline constexpr Deadline kNever = Deadline::max();

class Carrier;

namespace detail {

struct PollWait;

// An element of a doubly linked list that can take itself out, or the head of one.
struct Link {
    Link* previous = this;
    Link* next = this;

    Link() = default;
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;
    ~Link() { unlink(); }

    bool is_linked() const noexcept { return next != this; }
    void unlink() noexcept {
        previous->next = next;
        next->previous = previous;
        previous = next = this;
    }
    // Put it in front of `place`: at the end of the list whose head is `place`.
    void link_before(Link& place) noexcept {
        previous = place.previous;
        next = &place;
        previous->next = this;
        place.previous = this;
    }
};

// Something to be done by the loop soon: `act` is called once, on the carrier's thread, unless the
// event is taken out before.
struct Event : Link {
    using Action = void (*)(Event&) noexcept;
    explicit Event(Action action) noexcept : act(action) {}

    Action act;
    Event* next_posted = nullptr;  // the inbox is a stack of these
    std::uint32_t arrivals = 0;    // how often it came out of the inbox
};

// An event that is queued when its time has come.
struct Timer : Event {
    using Event::Event;

    static constexpr std::uint32_t kIdle = UINT32_MAX;
    static constexpr std::uint32_t kInRun = UINT32_MAX - 1;
    std::uint32_t place = kIdle;  // in Timers: kIdle, kInRun, or the index in the heap
    Deadline deadline = kNever;
};

// The timers of one carrier. Those that come with later and later deadlines - all that wait equally
// long do - form a sorted list where everything costs the same, however many there are: the run.
// The others are in a heap.
class Timers {
public:
    // There is none.
    bool is_empty() const noexcept { return !run_.is_linked() && heap_.empty(); }
    Deadline earliest() const noexcept;

    // It is not in yet.
    void add(Timer& timer, Deadline deadline);
    // Nothing happens if it is not in.
    void remove(Timer& timer) noexcept;
    // Take out the one that is due first; null if none is.
    Timer* take_due(Deadline now) noexcept;

private:
    // Four children each: fewer levels, and the children of one parent are side by side.
    static constexpr std::size_t kChildren = 4;

    struct Entry {
        Deadline deadline;
        Timer* timer;
    };

    Timer* first_of_run() const noexcept;
    void put(std::size_t place, Entry entry) noexcept;
    void sift_up(std::size_t place, Entry entry) noexcept;
    void sift_down(std::size_t place, Entry entry) noexcept;

    Link run_;
    std::vector<Entry> heap_;
};

// A coroutine that nobody awaits; owned by a carrier.
struct Root {
    struct promise_type : Event {
        promise_type() noexcept : Event(&start) {}
        struct Owned : Link {
            explicit Owned(promise_type& promise) noexcept : root(promise) {}
            promise_type& root;
        } owned{*this};
        Root get_return_object() noexcept {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() noexcept;
        static void start(Event& event) noexcept;
    };
    std::coroutine_handle<promise_type> handle;
};

// `duration` after `time`, which is not before the epoch; kNever if that is beyond all time.
inline Deadline after(Deadline time, Clock::duration duration) noexcept {
    return duration < kNever - time ? time + duration : kNever;
}

}  // namespace detail

class Carrier {
public:
    // Throws std::system_error if there is no descriptor for it.
    Carrier();

    // Destroys the coroutines that spawn() was given and that have not ended. On the thread that
    // ran the loop, or when no thread does any more.
    ~Carrier();

    Carrier(const Carrier&) = delete;
    Carrier& operator=(const Carrier&) = delete;

    // Drive the loop with the calling thread until this task has ended. An exception that leaves
    // the task leaves run(). What was spawned and has not ended goes on with the next run(). Not
    // from a coroutine of any carrier.
    template <class T>
    T run(Task<T> task);

    // Own a task and start it at the next turn of the loop. From the carrier's thread, or while
    // none runs it. An exception that leaves the task ends the program (abort) with a message.
    void spawn(Task<> task);

    // The carrier whose loop runs on this thread; null if none.
    static Carrier* current() noexcept;

    // ---- For those who build on it

    // Do this soon. Any thread. The event must not be queued already. Once it is queued its action
    // may be done and the carrier destroyed: this function touches neither from then on.
    void post(detail::Event& event) noexcept;
    // The same, cheaper, on the carrier's thread.
    void enqueue(detail::Event& event) noexcept { event.link_before(ready_); }
    // Before an event is destroyed that was, or is just being, posted here for the first time: wait
    // for it to arrive and take it out. Carrier's thread, or any when its loop runs no more.
    void withdraw(detail::Event& event) noexcept;

    // Queue it at this time. Throws std::bad_alloc.
    void arm(detail::Timer& timer, Deadline deadline) { timers_.add(timer, deadline); }
    // Take it out, also when its time has come and it is queued.
    void disarm(detail::Timer& timer) noexcept;

    // Run the loop until stop() was called. `before_sleep` is called each time there is nothing to
    // do.
    void run_until_stopped(void (*before_sleep)(void*) noexcept, void* context);
    // Carrier's thread: the loop ends when the action that called this returns.
    void stop() noexcept { stopped_ = true; }

private:
    friend struct detail::PollWait;

    struct Watch {
        detail::PollWait* wait = nullptr;
        std::uint32_t index = 0;
    };

    void turn(void (*before_sleep)(void*) noexcept, void* context);
    void take_inbox() noexcept;
    void run_ready() noexcept;
    void queue_due_timers() noexcept;
    void look_at_descriptors(Deadline until) noexcept;
    void sleep() noexcept;
    int watch(int fd, std::uint32_t events, detail::PollWait& wait, std::uint32_t index);
    void unwatch(int fd) noexcept;

    detail::Link ready_;
    detail::Link roots_;
    detail::Timers timers_;
    std::vector<Watch> watches_;  // by descriptor
    std::size_t watched_ = 0;
    int epoll_ = -1;
    int wakeup_ = -1;
    std::uint64_t owed_wakeups_ = 0;  // writes to wakeup_ that were, or are just being, made
    bool stopped_ = false;

    // What other threads posted, the newest first. Or null; or asleep().
    alignas(64) std::atomic<detail::Event*> inbox_{nullptr};
};

namespace detail {

template <class T>
Task<> keep_result(Task<T> task, std::optional<T>& result) {
    result.emplace(co_await task);
}

Task<> keep_exception(Task<> task, std::exception_ptr& exception, Carrier& carrier);

}  // namespace detail

template <class T>
T Carrier::run(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
        std::exception_ptr exception;
        spawn(detail::keep_exception(std::move(task), exception, *this));
        run_until_stopped(nullptr, nullptr);
        if (exception != nullptr) {
            std::rethrow_exception(exception);
        }
    } else {
        std::optional<T> result;
        run(detail::keep_result(std::move(task), result));
        return std::move(*result);
    }
}

}  // namespace ants
