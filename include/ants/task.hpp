// Task<T>: a coroutine that starts when it is awaited and gives a T, or the exception that left it,
// to the one that awaits it. Move-only; destroying it destroys the coroutine, wherever it is
// parked.
//
//     ants::Task<int> answer() { co_await ants::sleep_for(1ms); co_return 42; }
//     ants::Task<> caller() { int n = co_await answer(); ... }
//
// A task belongs to the carrier that runs it. Parameters of a coroutine are best taken by value: a
// reference must outlive it.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace ants {

template <class T>
class Task;

namespace detail {

// Resumes whoever awaits the task, unless the task ends before it ever parked: then the one who
// started it just goes on. So a loop over tasks that do not park needs no stack, also where the
// compiler does not turn the transfer from one coroutine to the next into a jump (g++ without
// optimisation, or with a sanitizer).
struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
        const auto& promise = ended.promise();
        if (!promise.is_starting) {
            promise.continuation.resume();  // which may destroy `ended`
        }
    }
    void await_resume() const noexcept {}
};

struct PromiseBase {
    std::coroutine_handle<> continuation;
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

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
public:
    using promise_type = detail::Promise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    Task() = default;
    explicit Task(Handle handle) noexcept : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
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
            Handle task;
            bool await_ready() const noexcept { return false; }
            bool await_suspend(std::coroutine_handle<> caller) const noexcept {
                auto& promise = task.promise();
                promise.continuation = caller;
                task.resume();
                promise.is_starting = false;
                return !task.done();
            }
            T await_resume() const { return task.promise().take(); }
        };
        return Awaiter{handle_};
    }

private:
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
