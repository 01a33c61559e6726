#include "ants/carrier.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>

#include "ants/wait.hpp"

namespace ants {
namespace {

// After so many resumptions descriptors and timers get a look, however much is ready.
constexpr int kResumptions = 32;
constexpr std::uint64_t kWakeup = UINT64_MAX;

thread_local Carrier* current_carrier = nullptr;

detail::Root drive(Task<> task) { co_await task; }

int checked(int descriptor, const char* what) {
    if (descriptor < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return descriptor;
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
    wakeup_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;  // each write counts, nobody has to read
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
    Carrier* const before = std::exchange(current_carrier, this);
    assert(before == nullptr || before == this);
    while (!stopped_.load(std::memory_order_relaxed)) {
        turn(before_sleep, context);
    }
    current_carrier = before;
}

void Carrier::stop() noexcept {
    stopped_.store(true);
    wake();
}

void Carrier::turn(void (*before_sleep)(void*) noexcept, void* context) {
    take_inbox();
    run_ready();
    if (!timers_.empty()) {
        fire_timers();
    }
    const bool is_idle = !ready_.is_linked();
    if (is_idle && before_sleep != nullptr) {
        before_sleep(context);
    }
    if (is_idle && !ready_.is_linked()) {
        sleep();
    } else if (watched_ > 0) {
        look_at_descriptors(0);
    }
}

// ---- Events ------------------------------------------------------------------------------------

void Carrier::post(detail::Event& event) noexcept {
    // Sequentially consistent with sleep(): either it sees the event, or we see that it sleeps.
    detail::Event* head = inbox_.load(std::memory_order_relaxed);
    do {
        event.next_posted = head;
    } while (!inbox_.compare_exchange_weak(head, &event));
    // Whoever pushed onto an empty inbox wakes for all that follow.
    if (head == nullptr && sleeping_.load() && sleeping_.exchange(false)) {
        wake();
    }
}

void Carrier::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t n = ::write(wakeup_, &one, sizeof one);
}

// Move what was posted behind what is ready, in the order of posting.
void Carrier::take_inbox() noexcept {
    if (inbox_.load(std::memory_order_relaxed) == nullptr) {
        return;
    }
    detail::Event* posted = inbox_.exchange(nullptr, std::memory_order_acquire);
    detail::Link* place = &ready_;
    while (posted != nullptr) {
        detail::Event* const event = std::exchange(posted, posted->next_posted);
        ++event->arrivals;
        if (!event->is_linked()) {
            event->link_before(*place);
            place = event;
        }
    }
}

void Carrier::withdraw(detail::Event& event) noexcept {
    while (event.arrivals == 0) {
        take_inbox();
        if (event.arrivals == 0) {
            std::this_thread::yield();  // the other thread is between two instructions
        }
    }
    event.unlink();
}

void Carrier::run_ready() noexcept {
    for (int i = 0; i < kResumptions && ready_.is_linked(); ++i) {
        auto& event = static_cast<detail::Event&>(*ready_.next);
        event.unlink();
        event.act(event);
    }
}

// ---- Timers
// --------------------------------------------------------------------------------------

void Carrier::arm(detail::Timer& timer, Deadline deadline) {
    timer.deadline = deadline;
    timers_.push_back(&timer);
    sift_up(timers_.size() - 1);
}

void Carrier::disarm(detail::Timer& timer) noexcept {
    const std::size_t place = std::exchange(timer.place, detail::Timer::kIdle);
    if (place == detail::Timer::kIdle) {
        return;
    }
    detail::Timer* const last = timers_.back();
    timers_.pop_back();
    if (last != &timer) {
        timers_[place] = last;
        last->place = place;
        sift_up(place);
        sift_down(last->place);
    }
}

void Carrier::sift_up(std::size_t place) noexcept {
    detail::Timer* const timer = timers_[place];
    while (place > 0) {
        const std::size_t parent = (place - 1) / 2;
        if (timers_[parent]->deadline <= timer->deadline) {
            break;
        }
        timers_[place] = timers_[parent];
        timers_[place]->place = place;
        place = parent;
    }
    timers_[place] = timer;
    timer->place = place;
}

void Carrier::sift_down(std::size_t place) noexcept {
    detail::Timer* const timer = timers_[place];
    for (;;) {
        std::size_t child = 2 * place + 1;
        if (child >= timers_.size()) {
            break;
        }
        if (child + 1 < timers_.size() && timers_[child + 1]->deadline < timers_[child]->deadline) {
            ++child;
        }
        if (timer->deadline <= timers_[child]->deadline) {
            break;
        }
        timers_[place] = timers_[child];
        timers_[place]->place = place;
        place = child;
    }
    timers_[place] = timer;
    timer->place = place;
}

void Carrier::fire_timers() noexcept {
    const Deadline now = Clock::now();
    while (!timers_.empty() && timers_.front()->deadline <= now) {
        detail::Timer& timer = *timers_.front();
        disarm(timer);
        timer.fire(timer);
    }
}

// ---- Descriptors
// -----------------------------------------------------------------------------------

int Carrier::sleep_milliseconds() const noexcept {
    if (timers_.empty()) {
        return -1;
    }
    // Rounded up: too early would mean a turn for nothing.
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(timers_.front()->deadline - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, INT_MAX));
}

void Carrier::sleep() noexcept {
    sleeping_.store(true);
    if (inbox_.load() == nullptr && !stopped_.load()) {
        look_at_descriptors(sleep_milliseconds());
    }
    sleeping_.store(false, std::memory_order_relaxed);
}

void Carrier::look_at_descriptors(int timeout_milliseconds) noexcept {
    constexpr int kEvents = 128;
    std::array<epoll_event, kEvents> events;
    const int count = ::epoll_wait(epoll_, events.data(), kEvents, timeout_milliseconds);
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
    event.events = events;
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
