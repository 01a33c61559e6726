#include "ants/idle_workers.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include "ants/pool_core.hpp"

namespace ants::detail {
namespace {

struct Workers {
    explicit Workers(std::int32_t count) {
        for (std::int32_t id = 1; id <= count; ++id) {
            all.push_back(std::make_unique<Worker>(core, id));
        }
    }
    Worker& operator[](std::int32_t id) { return *all[static_cast<std::size_t>(id) - 1]; }

    PoolCore core{1, {}};
    std::vector<std::unique_ptr<Worker>> all;
};

TEST_CASE("idle workers: the order of reuse") {
    Workers workers(20);
    IdleWorkers lifo(0);
    IdleWorkers fifo(20);
    for (std::int32_t id = 1; id <= 20; ++id) {
        lifo.push(workers[id]);
        fifo.push(workers[id]);
    }
    SUBCASE("is last-in first-out") {
        for (std::int32_t id = 20; id >= 1; --id) {
            CHECK(lifo.pop().id == id);
        }
        CHECK(lifo.is_empty());
    }
    SUBCASE("is first-in first-out when preallocated") {
        for (std::int32_t id = 1; id <= 20; ++id) {
            CHECK(fifo.pop().id == id);
        }
        CHECK(fifo.is_empty());
    }
    SUBCASE("the oldest is the oldest in both") {
        for (std::int32_t id = 1; id <= 20; ++id) {
            CHECK(lifo.oldest().id == id);
            CHECK(lifo.pop_oldest().id == id);
            CHECK(fifo.oldest().id == id);
            CHECK(fifo.pop_oldest().id == id);
        }
    }
}

TEST_CASE("idle workers: the ring") {
    Workers workers(40);

    SUBCASE("goes round without growing") {
        IdleWorkers idle(3);
        idle.push(workers[1]);
        idle.push(workers[2]);
        for (std::int32_t id = 3; id <= 40; ++id) {
            idle.push(workers[id]);
            CHECK(idle.pop().id == id - 2);
        }
    }
    SUBCASE("keeps the order when it grows from the middle") {
        IdleWorkers idle(0);
        for (std::int32_t id = 1; id <= 8; ++id) {
            idle.push(workers[id]);
        }
        for (std::int32_t id = 1; id <= 5; ++id) {
            CHECK(idle.pop_oldest().id == id);
        }
        for (std::int32_t id = 9; id <= 40; ++id) {
            idle.push(workers[id]);
        }
        for (std::int32_t id = 6; id <= 40; ++id) {
            CHECK(idle.pop_oldest().id == id);
        }
    }
}

std::set<std::int32_t> ids(const std::vector<Worker*>& workers) {
    std::set<std::int32_t> all;
    for (const Worker* const worker : workers) {
        all.insert(worker->id);
    }
    return all;
}

TEST_CASE("idle workers: the highest ids are taken out, the others keep their order") {
    Workers workers(6);
    IdleWorkers idle(6);
    for (const std::int32_t id : {1, 2, 5, 3}) {
        idle.push(workers[id]);
    }
    CHECK(idle.pop_oldest().id == 1);
    for (const std::int32_t id : {6, 4, 1}) {  // the ring goes round its end
        idle.push(workers[id]);
    }
    SUBCASE("so many") { CHECK(ids(idle.take_highest(2, 6)) == std::set{5, 6}); }
    SUBCASE("none that is above a limit stays") {
        CHECK(ids(idle.take_highest(0, 4)) == std::set{5, 6});
    }
    SUBCASE("so many, of which some are above a limit") {
        CHECK(ids(idle.take_highest(2, 5)) == std::set{5, 6});
    }
    for (const std::int32_t id : {2, 3, 4, 1}) {
        REQUIRE_FALSE(idle.is_empty());
        CHECK(idle.pop().id == id);
    }
    CHECK(idle.is_empty());
    CHECK(idle.take_highest(3, 0).empty());
}

}  // namespace
}  // namespace ants::detail
