// What the library refuses, one code for each of the errors of the Go original. They convert to
// std::error_code; constructors throw them in a std::system_error.
#pragma once

#include <system_error>

namespace ants {

enum class Errc {
    lack_pool_func = 1,               // a FuncPool without a function
    invalid_pool_expiry,              // a negative expiry
    pool_closed,                      // submitted to a pool that was released
    pool_overload,                    // full, and nonblocking or too many are waiting already
    invalid_preallocate_size,         // preallocate without a capacity
    timeout,                          // release(timeout): tasks still run
    invalid_pool_index,               // MultiPool: there is no such pool
    invalid_load_balancing_strategy,  // MultiPool: neither RoundRobin nor LeastTasks
    invalid_multi_pool_size,          // MultiPool: no pools at all
};

const std::error_category& error_category() noexcept;

inline std::error_code make_error_code(Errc code) noexcept {
    return {static_cast<int>(code), error_category()};
}

}  // namespace ants

template <>
struct std::is_error_code_enum<ants::Errc> : std::true_type {};
