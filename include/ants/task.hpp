// Task<T>: a coroutine that starts when it is awaited and gives a T, or the exception that left it,
// to the one that awaits it. Move-only. Destroying it destroys the coroutine, wherever it is
// parked.
//
//     ants::Task<int> answer() { co_await ants::sleep_for(1ms); co_return 42; }
//     ants::Task<> caller() { int n = co_await answer(); ... }
//
// A task belongs to the carrier that runs it. Parameters of a coroutine are best taken by value: a
// reference must outlive it. A lambda that is a coroutine must outlive it too, for its captures; a
// pool keeps the lambdas that it was given.
#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace ants {

template <class T>
class Task;

namespace detail {

struct Worker;

// Tells whoever waits for the task, unless the task ends before it ever parked: then the one who
// started it just goes on. So a loop over tasks that do not park needs no stack, also where the
// compiler does not turn the transfer from one coroutine to the next into a jump (g++ without
// optimisation, or with a sanitizer).
struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
        const auto& promise = ended.promise();
        if (!promise.is_starting) {
            promise.tell(promise.waiter);  // which may destroy `ended`
        }
    }
    void await_resume() const noexcept {}
};

struct PromiseBase {
    // Who waits for the end, and how it is told: a coroutine is resumed.
    void (*tell)(void* waiter) noexcept = nullptr;
    void* waiter = nullptr;
    std::exception_ptr exception;
    bool is_starting = true;

    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { exception = std::current_exception(); }
    void rethrow() const {
        if (exception != nullptr) {
            std::rethrow_exception(exception);
        }
    }
};

template <class T>
struct Promise : PromiseBase {
    std::optional<T> value;

    Task<T> get_return_object() noexcept;
    template <class U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        rethrow();
        return std::move(*value);
    }
};

template <>
struct Promise<void> : PromiseBase {
    Task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const { rethrow(); }
};

inline void resume_waiter(void* address) noexcept {
    std::coroutine_handle<>::from_address(address).resume();
}

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
public:
    using promise_type = detail::Promise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    // No coroutine; not to be awaited.
    Task() = default;
    explicit Task(Handle handle) noexcept : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&& other) noexcept {
        Task(std::move(other)).swap(*this);
        return *this;
    }
    ~Task() {
        if (handle_) {
            handle_.destroy();
        }
    }

    // Start it and wait for its end. At most once.
    auto operator co_await() const noexcept {
        struct Awaiter {
            const Task& task;
            bool await_ready() const noexcept { return false; }
            bool await_suspend(std::coroutine_handle<> caller) const {
                return !task.start(&detail::resume_waiter, caller.address());
            }
            T await_resume() const { return task.handle_.promise().take(); }
        };
        return Awaiter{*this};
    }

private:
    friend struct detail::Worker;

    // Run it until it parks or ends. True: it has ended. False: `waiter` is told when it does.
    bool start(void (*tell)(void*) noexcept, void* waiter) const {
        assert(handle_);
        auto& promise = handle_.promise();
        promise.tell = tell;
        promise.waiter = waiter;
        handle_.resume();
        promise.is_starting = false;
        return handle_.done();
    }

    void swap(Task& other) noexcept { std::swap(handle_, other.handle_); }

    Handle handle_;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
    return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}

inline Task<void> Promise<void>::get_return_object() noexcept {
    return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail

}  // namespace ants
