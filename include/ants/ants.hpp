// ants: a pool of reusable, capacity-capped workers, after the Go library panjf2000/ants. A
// goroutine becomes a coroutine.
//
//     #include <ants/ants.hpp>
//
//     int main() {
//         std::atomic<int> sum{0};
//         ants::Pool pool(100);  // at most 100 tasks at once, on a few threads
//         for (int i = 1; i <= 1000; ++i) {
//             const std::error_code refused = pool.submit([i, &sum]() -> ants::Task<> {
//                 co_await ants::sleep_for(std::chrono::milliseconds(1));
//                 sum += i;
//             });
//             if (refused) return 1;
//         }
//         const std::error_code late = pool.release(std::chrono::minutes(1));  // waits for all
//         return !late && sum == 500500 ? 0 : 1;
//     }
//
// The headers are the manual: pool.hpp first, then wait.hpp for what a task may wait for.
// func_pool.hpp and multi_pool.hpp are variations, carrier.hpp is the event loop below.
#pragma once

#include "ants/carrier.hpp"
#include "ants/error.hpp"
#include "ants/func_pool.hpp"
#include "ants/multi_pool.hpp"
#include "ants/options.hpp"
#include "ants/pool.hpp"
#include "ants/statistics.hpp"
#include "ants/task.hpp"
#include "ants/wait.hpp"

namespace ants {

// The default pool, made at first use: unlimited. It lives as long as the program.
Pool& default_pool();

template <class F>
[[nodiscard]] std::error_code submit(F&& function) {
    return default_pool().submit(std::forward<F>(function));
}
inline std::int32_t running() { return default_pool().running(); }
inline std::int32_t free() { return default_pool().free(); }
inline std::int32_t waiting() { return default_pool().waiting(); }
inline std::int32_t capacity() { return default_pool().capacity(); }
inline bool is_closed() { return default_pool().is_closed(); }
inline void release() { default_pool().release(); }
inline std::error_code release(std::chrono::nanoseconds timeout) {
    return default_pool().release(timeout);
}
inline void reboot() { default_pool().reboot(); }

}  // namespace ants
