#include "ants/carrier.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <thread>

#include "ants/wait.hpp"

namespace ants {
namespace {

using detail::Event;

// After so many resumptions descriptors and timers get a look, however much is ready.
constexpr int kResumptions = 32;
constexpr std::uint64_t kWakeup = UINT64_MAX;
// A deadline that has passed: look, do not wait.
constexpr Deadline kPast{};

thread_local Carrier* current_carrier = nullptr;

// The inbox of a loop that sleeps: whoever posts sees in the same step that it has to be woken.
Event* asleep() noexcept { return reinterpret_cast<Event*>(std::uintptr_t{1}); }

detail::Root drive(Task<> task) { co_await task; }

int checked(int descriptor, const char* what) {
    if (descriptor < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return descriptor;
}

// epoll_wait to the nanosecond where the kernel has it (5.11), else to the next millisecond.
int wait_for_events(int epoll, epoll_event* events, int count, Deadline until) noexcept {
    if (until == kNever || until == kPast) {
        return ::epoll_wait(epoll, events, count, until == kNever ? -1 : 0);
    }
    const auto left = std::max(until - Clock::now(), Clock::duration::zero());
#ifdef SYS_epoll_pwait2
    static std::atomic<bool> is_missing{false};
    if (!is_missing.load(std::memory_order_relaxed)) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        timespec timeout{};
        timeout.tv_sec = seconds.count();
        timeout.tv_nsec = (left - seconds).count();
        const long found = ::syscall(SYS_epoll_pwait2, epoll, events, count, &timeout, nullptr, 0);
        if (found >= 0 || errno == EINTR) {
            return static_cast<int>(found);
        }
        is_missing.store(true, std::memory_order_relaxed);
    }
#endif
    // Rounded up: too early would mean a turn for nothing.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return ::epoll_wait(epoll, events, count,
                        static_cast<int>(std::min<std::int64_t>(milliseconds, INT_MAX)));
}

}  // namespace

namespace detail {

void Root::promise_type::start(Event& event) noexcept {
    auto& promise = static_cast<promise_type&>(event);
    std::coroutine_handle<promise_type>::from_promise(promise).resume();
}

void Root::promise_type::unhandled_exception() noexcept {
    try {
        throw;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ants: an exception left a spawned task: %s\n", error.what());
    } catch (...) {
        std::fputs("ants: an exception left a spawned task\n", stderr);
    }
    std::abort();
}

Task<> keep_exception(Task<> task, std::exception_ptr& exception, Carrier& carrier) {
    try {
        co_await task;
    } catch (...) {
        exception = std::current_exception();
    }
    carrier.stop();
}

}  // namespace detail

Carrier::Carrier() : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {
    wakeup_ = ::eventfd(0, EFD_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;  // each write counts; it is read at the end only
    event.data.u64 = kWakeup;
    if (wakeup_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event) != 0) {
        const int error = errno;
        ::close(epoll_);
        if (wakeup_ >= 0) {
            ::close(wakeup_);
        }
        throw std::system_error(error, std::generic_category(), "eventfd");
    }
}

Carrier::~Carrier() {
    assert(current_carrier != this);
    Carrier* const before = std::exchange(current_carrier, this);
    while (roots_.is_linked()) {
        auto& owned = static_cast<detail::Root::promise_type::Owned&>(*roots_.next);
        std::coroutine_handle<detail::Root::promise_type>::from_promise(owned.root).destroy();
    }
    current_carrier = before;
    // Who woke us may not have come to the write yet: the descriptor must be ours until then.
    std::uint64_t writes = 0;
    while (owed_wakeups_ > 0 && ::read(wakeup_, &writes, sizeof writes) == sizeof writes) {
        owed_wakeups_ -= writes;
    }
    ::close(wakeup_);
    ::close(epoll_);
}

Carrier* Carrier::current() noexcept { return current_carrier; }

void Carrier::spawn(Task<> task) {
    const detail::Root root = drive(std::move(task));
    auto& promise = root.handle.promise();
    promise.owned.link_before(roots_);
    enqueue(promise);
}

void Carrier::run_until_stopped(void (*before_sleep)(void*) noexcept, void* context) {
    assert(current_carrier == nullptr);
    current_carrier = this;
    stopped_ = false;
    while (!stopped_) {
        turn(before_sleep, context);
    }
    current_carrier = nullptr;
}

void Carrier::turn(void (*before_sleep)(void*) noexcept, void* context) {
    take_inbox();
    run_ready();
    if (!timers_.is_empty()) {
        queue_due_timers();
    }
    const bool is_idle = !ready_.is_linked() && !stopped_;
    if (is_idle && before_sleep != nullptr) {
        before_sleep(context);
    }
    if (is_idle && !ready_.is_linked()) {
        sleep();
    } else if (watched_ > 0) {
        look_at_descriptors(kPast);
    }
}

// ---- Events

void Carrier::post(Event& event) noexcept {
    const int wakeup = wakeup_;
    Event* head = inbox_.load(std::memory_order_relaxed);
    do {
        event.next_posted = head != asleep() ? head : nullptr;
        // Release: what was done before posting is seen by the action. No more is needed, all that
        // the two sides agree on is this one word.
    } while (!inbox_.compare_exchange_weak(head, &event, std::memory_order_release,
                                           std::memory_order_relaxed));
    if (head == asleep()) {
        // The carrier waits for this write, its destructor too. No kernel is known to refuse it; if
        // one did, the next try would count.
        const std::uint64_t one = 1;
        while (::write(wakeup, &one, sizeof one) != sizeof one) {
        }
    }
}

void Carrier::sleep() noexcept {
    Event* head = nullptr;
    if (!inbox_.compare_exchange_strong(head, asleep(), std::memory_order_relaxed)) {
        return;
    }
    look_at_descriptors(timers_.earliest());
    head = asleep();
    if (!inbox_.compare_exchange_strong(head, nullptr, std::memory_order_relaxed)) {
        ++owed_wakeups_;
    }
}

// Move what was posted behind what is ready, in the order of posting.
void Carrier::take_inbox() noexcept {
    if (inbox_.load(std::memory_order_relaxed) == nullptr) {
        return;
    }
    Event* posted = inbox_.exchange(nullptr, std::memory_order_acquire);
    detail::Link* place = &ready_;
    while (posted != nullptr) {
        Event* const event = std::exchange(posted, posted->next_posted);
        ++event->arrivals;
        event->link_before(*place);
        place = event;
    }
}

void Carrier::withdraw(Event& event) noexcept {
    while (event.arrivals == 0) {
        take_inbox();
        if (event.arrivals == 0) {
            std::this_thread::yield();  // the other thread is between two instructions
        }
    }
    event.unlink();
}

void Carrier::run_ready() noexcept {
    for (int i = 0; i < kResumptions && ready_.is_linked() && !stopped_; ++i) {
        auto& event = static_cast<Event&>(*ready_.next);
        event.unlink();
        event.act(event);
    }
}

void Carrier::queue_due_timers() noexcept {
    const Deadline now = Clock::now();
    while (detail::Timer* const timer = timers_.take_due(now)) {
        enqueue(*timer);
    }
}

void Carrier::disarm(detail::Timer& timer) noexcept {
    timers_.remove(timer);
    timer.unlink();
}

// ---- Descriptors

void Carrier::look_at_descriptors(Deadline until) noexcept {
    constexpr int kEvents = 128;
    std::array<epoll_event, kEvents> events;
    const int count = wait_for_events(epoll_, events.data(), kEvents, until);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 != kWakeup) {
            const Watch watch = watches_[event.data.u64];
            if (watch.wait != nullptr) {
                watch.wait->note_ready(watch.index, event.events);
            }
        }
    }
}

// 0 or an errno.
int Carrier::watch(int fd, std::uint32_t events, detail::PollWait& wait, std::uint32_t index) {
    const auto place = static_cast<std::size_t>(fd);
    if (place >= watches_.size()) {
        watches_.resize(place + 1);
    }
    if (watches_[place].wait != nullptr) {
        return EBUSY;
    }
    epoll_event event{};
    event.events = events | EPOLLONESHOT;  // once it is queued we need not hear of it again
    event.data.u64 = place;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
        return errno;
    }
    watches_[place] = {&wait, index};
    ++watched_;
    return 0;
}

void Carrier::unwatch(int fd) noexcept {
    watches_[static_cast<std::size_t>(fd)] = {};
    --watched_;
    epoll_event unused{};
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, &unused);
}

}  // namespace ants
