// Changing the capacity.
#include <doctest/doctest.h>

#include <array>
#include <thread>
#include <vector>

#include "support.hpp"

namespace ants {
namespace {

TEST_CASE("tune: up lets exactly those in that there is room for") {
    Gate gate;
    std::atomic<int> accepted{0};
    Pool pool(2);
    REQUIRE(hold(pool, 2, gate));
    std::vector<std::jthread> submitters;
    for (int i = 0; i < 5; ++i) {
        submitters.emplace_back([&] {
            CHECK_FALSE(pool.submit([&] { return gate.park(); }));
            ++accepted;
        });
    }
    REQUIRE(eventually([&] { return pool.waiting() == 5; }));
    pool.tune(5);
    CHECK(pool.waiting() == 2);
    CHECK(pool.running() == 5);
    CHECK(pool.free() == 0);
    CHECK(pool.capacity() == 5);
    CHECK(eventually([&] { return accepted == 3 && gate.arrived() == 5; }));
    CHECK(pool.waiting() == 2);
    gate.open();
    CHECK(eventually([&] { return accepted == 5 && gate.left() == 7; }));
}

// Ids of the workers that are reused, in this order.
template <std::size_t kCount>
std::array<std::int32_t, kCount> reused(Pool& pool) {
    Gate gate;
    std::array<std::int32_t, kCount> ids{};
    for (std::int32_t& id : ids) {
        std::atomic<std::int32_t> worker{0};
        CHECK_FALSE(pool.submit([&](std::int32_t number) {
            worker = number;
            return gate.park();
        }));
        CHECK(eventually([&] { return worker != 0; }));
        id = worker;
    }
    gate.open();
    CHECK(eventually([&] { return is_quiet(pool); }));
    return ids;
}

TEST_CASE("tune: down ends surplus idle workers at once, the highest ids first") {
    std::vector<Gate> gates(5);
    Pool pool(5);
    REQUIRE(hold_each(pool, gates));
    REQUIRE(open_in_order(pool, gates, {4, 1, 5, 2, 3}));
    pool.tune(2);
    CHECK(pool.running() == 2);
    CHECK(reused<2>(pool) == std::array<std::int32_t, 2>{2, 1});
}

TEST_CASE("tune: down ends running workers as they finish") {
    std::vector<Gate> gates(4);
    Pool pool(4, {.nonblocking = true});
    REQUIRE(hold_each(pool, gates));
    pool.tune(2);
    CHECK(pool.running() == 4);
    CHECK(pool.free() == 0);
    REQUIRE(open_in_order(pool, gates, {1}));
    CHECK(pool.running() == 3);
    CHECK(pool.submit([] {}) == Errc::pool_overload);
    REQUIRE(open_in_order(pool, gates, {4}));
    CHECK(pool.running() == 2);
    CHECK(pool.submit([] {}) == Errc::pool_overload);
    REQUIRE(open_in_order(pool, gates, {2, 3}));
    CHECK(pool.running() <= 2);
    CHECK(next_worker(pool) <= 2);
}

TEST_CASE("tune: down lets nobody in before there is a place") {
    std::vector<Gate> gates(2);
    std::atomic<bool> has_run{false};
    Pool pool(2);
    REQUIRE(hold_each(pool, gates));
    pool.tune(1);
    std::jthread submitter([&] { CHECK_FALSE(pool.submit([&] { has_run = true; })); });
    REQUIRE(eventually([&] { return pool.waiting() == 1; }));
    REQUIRE(open_in_order(pool, gates, {1}));
    CHECK(pool.waiting() == 1);
    CHECK_FALSE(has_run);
    gates[1].open();
    CHECK(eventually([&] { return has_run.load(); }));
}

TEST_CASE("tune: ids are within the new capacity once the surplus has ended") {
    std::vector<Gate> gates(6);
    Pool pool(6);
    REQUIRE(hold_each(pool, gates));
    pool.tune(3);
    REQUIRE(open_in_order(pool, gates, {1, 2, 3, 4, 5, 6}));
    std::array<std::int32_t, 3> ids = reused<3>(pool);
    std::sort(ids.begin(), ids.end());
    CHECK(ids == std::array<std::int32_t, 3>{1, 2, 3});
}

TEST_CASE("tune: has no effect") {
    const auto capacity_after = [](Pool& pool, std::int32_t n) {
        pool.tune(n);
        CHECK(pool.statistics().tunes == 0);
        return pool.capacity();
    };
    Pool pool(3);
    Pool unlimited(0);
    Pool preallocated(3, {.preallocate = true});
    CHECK(capacity_after(pool, 0) == 3);
    CHECK(capacity_after(pool, -1) == 3);
    CHECK(capacity_after(pool, 3) == 3);
    CHECK(capacity_after(unlimited, 5) == -1);
    CHECK(capacity_after(preallocated, 5) == 3);
    CHECK(capacity_after(preallocated, 1) == 3);
}

}  // namespace
}  // namespace ants
