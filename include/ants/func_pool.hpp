// FuncPool<T>: a pool for one function that is called with many values.
//
//     ants::FuncPool<int> squares(64, [](int n) { store(n * n); });
//     auto error = squares.invoke(7);
//
// The function returns void or Task<>, is shared by all workers, and outlives every call.
// Everything else is as in Pool. FuncPool<std::any> is the untyped one of the original.
#pragma once

#include <functional>
#include <system_error>
#include <type_traits>
#include <utility>

#include "ants/pool.hpp"

namespace ants {

template <class T>
class FuncPool {
public:
    // Throws std::system_error with Errc::lack_pool_func if the function is empty, and what Pool
    // throws.
    template <class F>
    FuncPool(std::int32_t capacity, F function, Options options = {})
        : pool_(capacity, std::move(options)) {
        set(std::move(function));
    }

    // Call the function with this value on a worker. Refusals as of Pool::submit.
    [[nodiscard]] std::error_code invoke(T value) {
        return plain_ ? pool_.submit(plain_call(std::move(value)))
                      : pool_.submit(parking_call(std::move(value)));
    }
    // The same from a coroutine.
    Task<std::error_code> async_invoke(T value) {
        return plain_ ? pool_.async_submit(plain_call(std::move(value)))
                      : pool_.async_submit(parking_call(std::move(value)));
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

    auto plain_call(T value) {
        return [this, kept = std::move(value)]() mutable { plain_(std::move(kept)); };
    }
    auto parking_call(T value) {
        return [this, kept = std::move(value)]() mutable { return parking_(std::move(kept)); };
    }

    // One of the two.
    std::function<void(T)> plain_;
    std::function<Task<>(T)> parking_;
    Pool pool_;
};

}  // namespace ants
