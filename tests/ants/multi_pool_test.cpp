#include "ants/multi_pool.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "support.hpp"

namespace ants {
namespace {

using Pools = MultiPool<Pool>;
using Calls = MultiPool<FuncPool<int>>;

TEST_CASE("multi-pool: every task runs exactly once") {
    std::atomic<int> sum{0};
    LoadBalancing strategy{};
    SUBCASE("in turns") { strategy = LoadBalancing::RoundRobin; }
    SUBCASE("where the least tasks are") { strategy = LoadBalancing::LeastTasks; }
    Pools pools(4, 5, strategy);
    Calls calls(4, 5, strategy, [&](int n) { sum += n; });
    for (int n = 1; n <= 1000; ++n) {
        REQUIRE_FALSE(pools.submit([&sum, n] { sum += n; }));
        REQUIRE_FALSE(calls.invoke(n));
    }
    CHECK(eventually([&] { return sum == 2 * 500'500; }));
    CHECK(pools.running() <= 20);
    CHECK(pools.size() == 4);
}

TEST_CASE("multi-pool: RoundRobin") {
    Gate gate;
    Gate second;
    Pools pools(3, 2, LoadBalancing::RoundRobin, Options{.nonblocking = true});

    SUBCASE("takes each in turn") {
        for (int i = 0; i < 6; ++i) {
            REQUIRE(hold(pools, 1, gate));
            CHECK(pools.running_at(i % 3).value == 1 + i / 3);
        }
    }
    SUBCASE("passes an overloaded one over, for the least loaded") {
        REQUIRE(hold(pools, 6, gate));
        CHECK(pools.submit([] {}) == Errc::pool_overload);  // the turn of 0
        gate.open();
        for (int i = 0; i < 6; ++i) {  // as soon as their workers are idle again
            REQUIRE(eventually([&] { return hold(pools, 1, second); }));
        }
        CHECK(pools.running() == 6);
        CHECK(pools.submit([] {}) == Errc::pool_overload);
        second.open();
    }
    gate.open();
}

TEST_CASE("multi-pool: RoundRobin finds the place that is left") {
    Gate gate;
    Gate other;
    Pools pools(3, 1, LoadBalancing::RoundRobin,
                Options{.nonblocking = true, .panic_handler = [](const std::exception_ptr&) {}});
    REQUIRE(hold(pools, 1, gate));                                          // in 0
    REQUIRE(hold(pools, 1, other));                                         // in 1
    REQUIRE_FALSE(pools.submit([] { throw std::runtime_error("gone"); }));  // in 2, ends its worker
    REQUIRE(eventually([&] { return pools.running_at(2).value == 0; }));
    CHECK(hold(pools, 1, gate));  // the turn of 0, which is full
    CHECK(pools.running_at(2).value == 1);
    CHECK(pools.submit([] {}) == Errc::pool_overload);
    gate.open();
    other.open();
}

TEST_CASE("multi-pool: a refusal other than overload is not tried elsewhere") {
    Pools pools(2, 1, LoadBalancing::RoundRobin);
    pools.release();
    CHECK(pools.submit([] {}) == Errc::pool_closed);
}

TEST_CASE("multi-pool: LeastTasks takes the one with the fewest workers") {
    Gate gate;
    Pools pools(3, 4, LoadBalancing::LeastTasks, Options{.nonblocking = true});
    for (int i = 0; i < 12; ++i) {
        REQUIRE(hold(pools, 1, gate));
        CHECK(pools.running_at(i % 3).value == 1 + i / 3);
    }
    CHECK(pools.submit([] {}) == Errc::pool_overload);
    gate.open();
}

TEST_CASE("multi-pool: wrong arguments") {
    CHECK(thrown([] { Pools(0, 1, LoadBalancing::RoundRobin); }) == Errc::invalid_multi_pool_size);
    CHECK(thrown([] { Pools(-1, 1, LoadBalancing::RoundRobin); }) == Errc::invalid_multi_pool_size);
    CHECK(thrown([] { Pools(1, 1, LoadBalancing{}); }) == Errc::invalid_load_balancing_strategy);
    CHECK(thrown([] { Pools(1, 1, LoadBalancing{3}); }) == Errc::invalid_load_balancing_strategy);
    CHECK(thrown([] { Calls(1, 1, LoadBalancing::LeastTasks, nullptr); }) == Errc::lack_pool_func);
    CHECK(thrown([] { Pools(1, 0, LoadBalancing::LeastTasks, Options{.preallocate = true}); }) ==
          Errc::invalid_preallocate_size);
}

TEST_CASE("multi-pool: figures") {
    Gate gate;

    SUBCASE("are sums, and each pool's") {
        Pools pools(3, 4, LoadBalancing::RoundRobin);
        CHECK(pools.capacity() == 12);
        REQUIRE(hold(pools, 4, gate));
        CHECK(pools.running() == 4);
        CHECK(pools.free() == 8);
        CHECK(pools.waiting() == 0);
        CHECK(pools.running_at(0).value == 2);
        CHECK(pools.free_at(0).value == 2);
        CHECK(pools.free_at(1).value == 3);
        CHECK(pools.waiting_at(2).value == 0);
        CHECK_FALSE(pools.waiting_at(2).error);
        gate.open();
    }
    SUBCASE("of an index that does not exist are errors") {
        Pools pools(2, 1, LoadBalancing::RoundRobin);
        for (const std::int32_t i : {-1, 2}) {
            CHECK(pools.running_at(i).error == Errc::invalid_pool_index);
            CHECK(pools.free_at(i).error == Errc::invalid_pool_index);
            CHECK(pools.waiting_at(i).error == Errc::invalid_pool_index);
        }
    }
    SUBCASE("of unlimited ones are -1") {
        Pools pools(2, -1, LoadBalancing::RoundRobin);
        CHECK(pools.capacity() == -1);
        CHECK(pools.free() == -1);
    }
    SUBCASE("count those that wait") {
        Pools pools(1, 1, LoadBalancing::RoundRobin);
        REQUIRE(hold(pools, 1, gate));
        std::jthread submitter([&] { CHECK_FALSE(pools.submit([] {})); });
        CHECK(eventually([&] { return pools.waiting() == 1 && pools.waiting_at(0).value == 1; }));
        gate.open();
    }
}

TEST_CASE("multi-pool: tune gives each pool that capacity") {
    Pools pools(3, 2, LoadBalancing::RoundRobin);
    pools.tune(5);
    CHECK(pools.capacity() == 15);
}

TEST_CASE("multi-pool: release and reboot") {
    Gate gate;
    Pools pools(3, 2, LoadBalancing::RoundRobin);

    SUBCASE("release closes all, reboot opens all") {
        pools.release();
        CHECK(pools.is_closed());
        for (int i = 0; i < 3; ++i) {
            CHECK(pools.submit([] {}) == Errc::pool_closed);
        }
        pools.reboot();
        CHECK_FALSE(pools.is_closed());
        CHECK(hold(pools, 6, gate));
    }
    SUBCASE("release with a timeout waits for all") {
        REQUIRE(hold(pools, 6, gate));
        std::jthread opener([&] { gate.open(); });
        const ReleaseResult result = pools.release(kHang);
        CHECK_FALSE(result.error);
        CHECK(result.message.empty());
        CHECK(pools.running() == 0);
    }
    SUBCASE("release with a timeout names the pools that did not end") {
        REQUIRE(hold(pools, 1, gate));       // in 0
        REQUIRE_FALSE(pools.submit([] {}));  // in 1
        REQUIRE(hold(pools, 1, gate));       // in 2
        REQUIRE(eventually([&] { return pools.free_at(1).value == 1; }));
        CHECK(eventually([&] {
            return pools.release(1ms).message ==
                   "pool 0: tasks still run after the timeout; "
                   "pool 2: tasks still run after the timeout";
        }));
        const ReleaseResult result = pools.release(1ms);
        CHECK(result.error == Errc::timeout);
    }
    SUBCASE("release with the longest timeout there is") {
        CHECK_FALSE(pools.release(std::chrono::nanoseconds::max()).error);
    }
    gate.open();
}

TEST_CASE("multi-pool: a panic ends one worker of one pool") {
    std::atomic<int> panics{0};
    std::atomic<int> done{0};
    const Options options{.panic_handler = [&](const std::exception_ptr&) { ++panics; }};
    Pools pools(2, 1, LoadBalancing::RoundRobin, options);
    Calls calls(
        2, 1, LoadBalancing::RoundRobin,
        [&](int n) {
            ++done;
            n == 0 ? throw std::runtime_error("zero") : 0;
        },
        options);
    for (int i = 0; i < 8; ++i) {
        REQUIRE_FALSE(pools.submit([&, i] {
            ++done;
            i % 4 == 0 ? throw std::runtime_error("no") : 0;
        }));
        REQUIRE_FALSE(calls.invoke(i % 4));
    }
    CHECK(eventually([&] { return done == 16 && panics == 4; }));
}

}  // namespace
}  // namespace ants
