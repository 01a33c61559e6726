// The figures of a pool and of its workers.
#include <doctest/doctest.h>

#include <vector>

#include "support.hpp"

namespace ants {
namespace {

Options quiet(std::chrono::nanoseconds expiry) {
    return {.expiry = expiry, .panic_handler = [](const std::exception_ptr&) {}};
}

bool panic_once(Pool& pool) {
    return !pool.submit([] { panic(); }) && eventually([&] { return is_quiet(pool); });
}

TEST_CASE("statistics: they add up") {
    Gate gate;
    Pool pool(3, quiet(1h));
    REQUIRE(hold(pool, 3, gate));
    CHECK(pool.statistics().submitted == 3);
    CHECK(pool.statistics().completed == 0);
    gate.open();
    REQUIRE(eventually([&] { return is_quiet(pool); }));
    for (int i = 0; i < 5; ++i) {
        REQUIRE(panic_once(pool));
    }
    pool.tune(4);
    const Statistics statistics = pool.statistics();
    CHECK(statistics.submitted == 8);
    CHECK(statistics.completed == 8);
    CHECK(statistics.panicked == 5);
    CHECK(statistics.spawned == 5);  // three, and two when these had panicked
    CHECK(statistics.purged == 0);
    CHECK(statistics.tunes == 1);
    CHECK(statistics.peak_running == 3);
}

TEST_CASE("statistics: refused tasks do not count") {
    Gate gate;
    Pool pool(1, {.nonblocking = true});
    REQUIRE(hold(pool, 1, gate));
    CHECK(pool.submit([] {}) == Errc::pool_overload);
    pool.release();
    CHECK(pool.submit([] {}) == Errc::pool_closed);
    CHECK(pool.statistics().submitted == 1);
    gate.open();
}

TEST_CASE("statistics: of workers, by id, over those that had it") {
    Pool pool(2, quiet(1h));
    CHECK(pool.workers().empty());
    CHECK(next_worker(pool) == 1);
    REQUIRE(panic_once(pool));
    CHECK(next_worker(pool) == 1);
    const std::vector<WorkerStatistics> workers = pool.workers();
    REQUIRE(workers.size() == 1);
    CHECK(workers[0].id == 1);
    CHECK(workers[0].tasks == 3);
    CHECK(workers[0].panics == 1);
}

TEST_CASE("statistics: the life of a worker is busy or idle") {
    const Deadline before = Clock::now();
    Pool pool(1, quiet(5ms));
    REQUIRE_FALSE(pool.submit([]() -> Task<> { co_await sleep_for(10ms); }));

    SUBCASE("while it lives") {
        REQUIRE(eventually([&] { return is_quiet(pool); }));
        const auto idle = pool.workers().at(0).idle;
        CHECK(eventually([&] { return pool.workers().at(0).idle > idle; }));
    }
    SUBCASE("until it is purged") {
        REQUIRE(eventually([&] { return pool.statistics().purged == 1; }));
        CHECK(pool.workers().at(0).idle >= 5ms);
        CHECK(pool.workers().at(0).idle == pool.workers().at(0).idle);
    }
    SUBCASE("until it is ended by release") {
        REQUIRE(eventually([&] { return is_quiet(pool); }));
        const auto idle = pool.workers().at(0).idle;
        pool.release();
        CHECK(pool.workers().at(0).idle >= idle);
    }
    const WorkerStatistics worker = pool.workers().at(0);
    CHECK(worker.busy >= 10ms);
    CHECK(worker.busy + worker.idle <= Clock::now() - before);
}

TEST_CASE("statistics: of workers end idle time when tune ends them") {
    std::vector<Gate> gates(2);
    Pool pool(2, quiet(1h));
    REQUIRE(hold_each(pool, gates));
    REQUIRE(open_in_order(pool, gates, {1, 2}));
    const auto idle = pool.workers().at(1).idle;
    pool.tune(1);
    CHECK(pool.workers().at(1).idle >= idle);
}

TEST_CASE("statistics: of workers agree with those of the pool") {
    Pool pool(3, quiet(1ms));
    for (int i = 0; i < 1'000; ++i) {
        REQUIRE_FALSE(pool.submit([i] {
            if (i % 10 == 0) {
                panic();
            }
        }));
    }
    REQUIRE(eventually([&] { return is_quiet(pool); }));
    std::uint64_t tasks = 0;
    std::uint64_t panics = 0;
    for (const WorkerStatistics& worker : pool.workers()) {
        tasks += worker.tasks;
        panics += worker.panics;
    }
    CHECK(tasks == 1'000);
    CHECK(panics == 100);
    CHECK(pool.statistics().panicked == 100);
    CHECK(pool.workers().size() <= 3);
}

}  // namespace
}  // namespace ants
