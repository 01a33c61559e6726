// FuncPool<T>: a pool for one function that is called with many values.
//
//     ants::FuncPool<int> squares(64, [](int n) { store(n * n); });
//     auto error = squares.invoke(7);
//
// The function is called with a T&& (so it may take T, T&& or const T&; the value lives until the
// call has ended), returns void or Task<>, is shared by all workers - which call it at the same
// time
// - and outlives every call. It is copyable; T need only be movable. Everything else is as in Pool.
// FuncPool<std::any> is the untyped one of the original.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "ants/pool.hpp"

namespace ants {

template <class T>
class FuncPool {
public:
    using Value = T;

    // Throws std::system_error with Errc::lack_pool_func if the function is empty, and what Pool
    // throws.
    template <class F>
    FuncPool(std::int32_t capacity, F function, Options options = {})
        : pool_(capacity, std::move(options)) {
        set(std::move(function));
    }

    // Call the function with this value on a worker. Refusals as of Pool::submit.
    [[nodiscard]] std::error_code invoke(T value) { return hand_over(value); }

    // The same from a coroutine.
    Task<std::error_code> async_invoke(T value) {
        return plain_ ? pool_.async_submit(PlainCall{this, std::move(value)})
                      : pool_.async_submit(ParkingCall{this, std::move(value)});
    }

    std::int32_t running() const { return pool_.running(); }
    std::int32_t free() const { return pool_.free(); }
    std::int32_t waiting() const { return pool_.waiting(); }
    std::int32_t capacity() const { return pool_.capacity(); }
    bool is_closed() const { return pool_.is_closed(); }
    std::int32_t carriers() const { return pool_.carriers(); }
    void tune(std::int32_t n) { pool_.tune(n); }
    void release() { pool_.release(); }
    std::error_code release(std::chrono::nanoseconds timeout) { return pool_.release(timeout); }
    void reboot() { pool_.reboot(); }
    Statistics statistics() const { return pool_.statistics(); }
    std::vector<WorkerStatistics> workers() const { return pool_.workers(); }

private:
    template <class P>
    friend class MultiPool;

    // A coroutine keeps a reference to its parameter: so the value stays here, where the pool keeps
    // it until the task has ended.
    struct PlainCall {
        const FuncPool* pool;
        T value;
        void operator()() { pool->plain_(std::move(value)); }
    };
    struct ParkingCall {
        const FuncPool* pool;
        T value;
        Task<> operator()() { return pool->parking_(std::move(value)); }
    };

    template <class F>
    void set(F function) {
        if constexpr (!std::is_null_pointer_v<F>) {
            if constexpr (std::is_void_v<std::invoke_result_t<F&, T>>) {
                plain_ = std::move(function);
            } else {
                parking_ = std::move(function);
            }
        }
        if (!plain_ && !parking_) {
            throw std::system_error(Errc::lack_pool_func);
        }
    }

    // If it is refused the value stays where it is.
    std::error_code hand_over(T& value) {
        return plain_ ? hand_over_as<PlainCall>(value) : hand_over_as<ParkingCall>(value);
    }
    template <class Call>
    std::error_code hand_over_as(T& value) {
        detail::TaskBox task(Call{this, std::move(value)});
        const std::error_code refused = pool_.submit_box(task);
        if (refused) {
            value = std::move(task.template target<Call>()->value);
        }
        return refused;
    }

    // One of the two.
    std::function<void(T&&)> plain_;
    std::function<Task<>(T&&)> parking_;
    Pool pool_;
};

}  // namespace ants
