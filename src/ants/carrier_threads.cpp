#include "ants/carrier_threads.hpp"

#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <cassert>
#include <thread>

#include "ants/pool_core.hpp"

namespace ants::detail {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ANTS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(ANTS_SANITIZED)
constexpr std::size_t kStackSize = 2 * 1024 * 1024;
#else
constexpr std::size_t kStackSize = 256 * 1024;
#endif

std::int32_t available_cpus() noexcept {
    cpu_set_t set;
    // Fails where there are more CPUs than a cpu_set_t has room for.
    const int count = ::sched_getaffinity(0, sizeof set, &set) == 0
                          ? CPU_COUNT(&set)
                          : static_cast<int>(std::thread::hardware_concurrency());
    return std::max(1, count);
}

// While it lives, a new thread starts with all signals blocked: the program's handlers are not to
// run on our small stacks. What a fault raises stays as it was: blocked, it could not be handled.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT}) {
            ::sigdelset(&all, fault);
        }
        ::pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_;
};

// 0 or an errno.
int start_thread(CarrierThread& thread) noexcept {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kStackSize);
    const SignalsBlocked blocked;
    const int error = ::pthread_create(&thread.thread, &attributes, &PoolCore::run_thread, &thread);
    ::pthread_attr_destroy(&attributes);
    return error;
}

}  // namespace

CarrierThreads::CarrierThreads(PoolCore& pool, std::int32_t wanted)
    : core_(pool), wanted_(wanted > 0 ? wanted : available_cpus()) {}

CarrierThread* CarrierThreads::choose(std::int32_t at_most, std::error_code& error) {
    if (free_.empty() && count() < std::min(wanted_, at_most) && !start(error)) {
        if (threads_.empty()) {
            return nullptr;  // the next submission tries again
        }
        wanted_ = count();  // go on with fewer
    }
    if (!free_.empty()) {
        return free_.back();
    }
    random_ = random_ * 1664525 + 1013904223;
    const std::size_t place = (random_ >> 8) % threads_.size();
    CarrierThread* const one = threads_[place].get();
    CarrierThread* const other = threads_[(place + 1) % threads_.size()].get();
    return one->unfinished <= other->unfinished ? one : other;
}

bool CarrierThreads::start(std::error_code& error) {
    free_.reserve(threads_.size() + 1);
    try {
        threads_.push_back(std::make_unique<CarrierThread>(core_));
    } catch (const std::system_error& failed) {
        error = failed.code();
        return false;
    }
    if (const int failed = start_thread(*threads_.back())) {
        threads_.pop_back();
        error = {failed, std::generic_category()};
        return false;
    }
    free_.push_back(threads_.back().get());
    return true;
}

void CarrierThreads::add_task(CarrierThread& thread) noexcept {
    if (thread.unfinished++ == 0) {
        assert(free_.back() == &thread);
        free_.pop_back();
    }
}

void CarrierThreads::remove_task(CarrierThread& thread) {
    if (--thread.unfinished == 0) {
        free_.push_back(&thread);
    }
}

void CarrierThreads::stop_and_join() noexcept {
    for (const auto& thread : threads_) {
        thread->carrier.post(thread->stop);
    }
    for (const auto& thread : threads_) {
        ::pthread_join(thread->thread, nullptr);
    }
}

}  // namespace ants::detail
