// How idle workers end, and how they do not.
#include <doctest/doctest.h>

#include <thread>

#include "support.hpp"

namespace ants {
namespace {

TEST_CASE("age: idle workers are purged after the expiry") {
    Gate gate;

    SUBCASE("and only those that are idle") {
        Gate others;
        Pool pool(4, {.expiry = 5ms});
        REQUIRE(hold(pool, 1, gate));
        REQUIRE(hold(pool, 3, others));
        others.open();
        CHECK(eventually([&] { return pool.statistics().purged == 3; }));
        CHECK(pool.running() == 1);
        CHECK(gate.left() == 0);
        gate.open();
        CHECK(eventually([&] { return pool.statistics().purged == 4; }));
        CHECK(pool.running() == 0);
    }
    SUBCASE("again and again, and the pool starts new ones") {
        Pool pool(2, {.expiry = 1ms});
        for (std::uint64_t i = 1; i <= 5; ++i) {
            CHECK(next_worker(pool) == 1);
            REQUIRE(eventually([&] { return pool.statistics().purged == i; }));
            CHECK(pool.running() == 0);
        }
        CHECK(pool.statistics().spawned == 5);
    }
    SUBCASE("in a preallocated pool too") {
        Pool pool(3, {.expiry = 1ms, .preallocate = true});
        REQUIRE(hold(pool, 3, gate));
        gate.open();
        CHECK(eventually([&] { return pool.statistics().purged == 3; }));
    }
    SUBCASE("not before") {
        const auto before = Clock::now();
        Pool pool(1, {.expiry = 20ms});
        CHECK(next_worker(pool) == 1);
        CHECK(eventually([&] { return pool.statistics().purged == 1; }));
        CHECK(Clock::now() - before >= 20ms);
    }
    SUBCASE("the surplus, while another worker takes task after task") {
        Pool pool(2, {.expiry = 50ms});
        REQUIRE(hold(pool, 2, gate));
        gate.open();
        CHECK(eventually([&] {
            static_cast<void>(next_worker(pool));
            return pool.statistics().purged >= 1;
        }));
    }
    gate.open();
}

TEST_CASE("age: purging while submitters wait") {
    Gate first;
    Gate second;
    std::atomic<int> runs{0};
    Pool pool(2, {.expiry = 1ms});
    REQUIRE(hold(pool, 1, first));
    CHECK(next_worker(pool) == 2);
    REQUIRE(eventually([&] { return pool.statistics().purged == 1; }));
    REQUIRE(hold(pool, 1, second));
    std::jthread one([&] { CHECK_FALSE(pool.submit([&] { ++runs; })); });
    std::jthread two([&] { CHECK_FALSE(pool.submit([&] { ++runs; })); });
    REQUIRE(eventually([&] { return pool.waiting() == 2; }));
    first.open();
    CHECK(eventually([&] { return runs == 2 && pool.statistics().purged == 2; }));
    CHECK(pool.running() == 1);
    second.open();
}

// A task that sleeps on the only carrier, longer than its timers of this expiry need.
bool outlast(Pool& pool, Clock::duration expiry) {
    std::atomic<bool> has_slept{false};
    const auto refused = pool.submit([&]() -> Task<> {
        co_await sleep_for(4 * expiry);
        co_await sleep_for(4 * expiry);
        has_slept = true;
    });
    return !refused && eventually([&] { return has_slept.load(); });
}

TEST_CASE("age: idle workers are kept") {
    Options options{.carriers = 1};
    SUBCASE("for ever without purging") {
        options.expiry = 2ms;
        options.disable_purge = true;
    }
    SUBCASE("until they expire") { options.expiry = 1h; }
    SUBCASE("for ever with the longest expiry there is") {
        options.expiry = std::chrono::nanoseconds::max();
    }
    SUBCASE("for a second, the default, with an expiry of zero") { options.expiry = 0s; }
    Gate gate;
    Pool pool(3, options);
    REQUIRE(hold(pool, 3, gate));
    gate.open();
    REQUIRE(eventually([&] { return is_quiet(pool); }));
    REQUIRE(outlast(pool, 2ms));
    CHECK(pool.statistics().purged == 0);
    CHECK(pool.running() == 3);
    CHECK(Options{}.expiry == 1s);
}

TEST_CASE("age: a negative expiry is refused") {
    CHECK(thrown([] { Pool(1, {.expiry = -1ns}); }) == Errc::invalid_pool_expiry);
}

}  // namespace
}  // namespace ants
