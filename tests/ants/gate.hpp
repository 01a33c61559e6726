// What the tests of the library wait with.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "ants/task.hpp"
#include "ants/wait.hpp"

// Holds tasks until it is opened, for good. Any thread.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        is_open_ = true;
        opened_.notify_all();
        for (const auto& notice : parked_) {
            notice->set();
        }
    }

    // Blocks the thread.
    void wait() {
        std::unique_lock lock(mutex_);
        opened_.wait(lock, [&] { return is_open_; });
    }

    // Parks the coroutine.
    ants::Task<> pass() {
        const auto notice = std::make_shared<ants::Notice>();
        add(notice);
        while (!notice->take()) {
            co_await ants::poll({}, ants::kNever, notice.get());
        }
    }

private:
    void add(const std::shared_ptr<ants::Notice>& notice) {
        const std::lock_guard lock(mutex_);
        parked_.push_back(notice);
        if (is_open_) {
            notice->set();
        }
    }

    std::mutex mutex_;
    std::condition_variable opened_;
    bool is_open_ = false;                               // with mutex_
    std::vector<std::shared_ptr<ants::Notice>> parked_;  // with mutex_
};

// Until this is true. The limit only turns a hang into a failure.
template <class Predicate>
void wait_until(Predicate is_true) {
    const auto limit = ants::Clock::now() + std::chrono::minutes(2);
    while (!is_true()) {
        REQUIRE(ants::Clock::now() < limit);
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

// True once it is destroyed, if it was not moved from.
class DestructionFlag {
public:
    explicit DestructionFlag(bool& flag) : flag_(&flag) {}
    DestructionFlag(DestructionFlag&& other) noexcept : flag_(other.flag_) {
        other.flag_ = nullptr;
    }
    DestructionFlag& operator=(DestructionFlag&&) = delete;
    ~DestructionFlag() {
        if (flag_ != nullptr) {
            *flag_ = true;
        }
    }

private:
    bool* flag_;
};
