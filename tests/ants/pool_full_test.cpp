// What happens to submitters while the pool is full.
#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "ants/pool.hpp"
#include "ants/wait.hpp"
#include "gate.hpp"

namespace {

using namespace std::chrono_literals;

ants::Task<> note(std::vector<int>& order, int value) {
    order.push_back(value);
    co_return;
}

ants::Task<> submit_one(ants::Pool& pool, Gate& gate, std::optional<std::error_code>& answer) {
    answer = co_await pool.async_submit([&gate] { return gate.pass(); });
}

ants::Task<> wait_for(const std::optional<std::error_code>& answer) {
    while (!answer) {
        co_await ants::sleep_for(100us);
    }
}

ants::Task<> wait_for_turns(int count) {
    for (int i = 0; i < count; ++i) {
        co_await ants::yield();
    }
}

ants::Task<> submit_in_order(ants::Pool& pool, std::vector<int>& order, int value) {
    CHECK_FALSE(co_await pool.async_submit([&order, value] { return note(order, value); }));
}

}  // namespace

TEST_SUITE_BEGIN("ants");

TEST_CASE("full: nonblocking refuses at once, and accepts when there is a place again") {
    Gate gate;
    std::optional<std::error_code> answer;
    ants::Pool pool(2, {.nonblocking = true});
    CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    CHECK(pool.submit([] {}) == ants::Errc::pool_overload);
    ants::Carrier control;
    control.run(submit_one(pool, gate, answer));
    CHECK(answer == make_error_code(ants::Errc::pool_overload));
    gate.open();
    wait_until([&] { return pool.statistics().completed == 2; });
    CHECK_FALSE(pool.submit([] {}));
}

TEST_CASE("full: as many as max_blocking_tasks wait, the next is refused") {
    Gate gate;
    std::optional<std::error_code> parked;
    ants::Pool pool(1, {.max_blocking_tasks = 2});
    CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    std::thread blocked([&] { CHECK_FALSE(pool.submit([] {})); });
    wait_until([&] { return pool.waiting() == 1; });
    ants::Carrier control;
    control.spawn(submit_one(pool, gate, parked));
    control.run(wait_for_turns(1));
    CHECK(pool.waiting() == 2);
    CHECK(pool.submit([] {}) == ants::Errc::pool_overload);
    gate.open();
    control.run(wait_for(parked));
    CHECK(parked == std::error_code());
    blocked.join();
    CHECK(pool.waiting() == 0);
    CHECK_FALSE(pool.submit([] {}));
}

TEST_CASE("full: first come, first served; newcomers do not overtake") {
    Gate gate;
    std::vector<int> order;
    ants::Pool pool(1);
    CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    ants::Carrier control;
    for (int i = 0; i < 5; ++i) {
        control.spawn(submit_in_order(pool, order, i));
    }
    control.run(wait_for_turns(1));
    std::thread last([&] { CHECK_FALSE(pool.submit([&] { order.push_back(5); })); });
    wait_until([&] { return pool.waiting() == 6; });
    gate.open();
    last.join();
    CHECK_FALSE(pool.release(1min));
    CHECK(order == std::vector<int>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("full: one worker that ends lets exactly one submitter in") {
    std::vector<Gate> gates(7);
    ants::Pool pool(2);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK_FALSE(pool.submit([&gates, i] { return gates[i].pass(); }));
    }
    for (std::size_t i = 2; i < gates.size(); ++i) {
        threads.emplace_back(
            [&, i] { CHECK_FALSE(pool.submit([&gates, i] { return gates[i].pass(); })); });
        wait_until([&] { return pool.waiting() == static_cast<std::int32_t>(i) - 1; });
    }
    for (std::size_t i = 0; i < threads.size(); ++i) {
        CHECK(pool.statistics().submitted == 2 + i);
        gates[i].open();
        wait_until([&] { return pool.statistics().submitted == 3 + i; });
        CHECK(pool.waiting() == static_cast<std::int32_t>(threads.size() - i) - 1);
        threads[i].join();  // the first in line has its answer, without anybody else's end
    }
    gates[5].open();
    gates[6].open();
}

TEST_CASE("full: a task that submits by blocking would block its carrier") {
    std::error_code refused;
    ants::Pool pool(1);
    SUBCASE("plain") {
        CHECK_FALSE(pool.submit([&] { refused = pool.submit([] {}); }));
    }
    SUBCASE("coroutine") {
        CHECK_FALSE(pool.submit([&]() -> ants::Task<> {
            refused = pool.submit([] {});
            co_return;
        }));
    }
    wait_until([&] { return pool.statistics().completed == 1; });
    CHECK(refused == std::errc::resource_deadlock_would_occur);
    CHECK(pool.statistics().submitted == 1);
}

TEST_CASE("full: a task that submits while there are places") {
    std::atomic<int> ran{0};
    ants::Pool pool(2);
    CHECK_FALSE(pool.submit([&] { CHECK_FALSE(pool.submit([&] { ++ran; })); }));
    wait_until([&] { return ran == 1; });
    CHECK_FALSE(pool.submit(
        [&]() -> ants::Task<> { CHECK_FALSE(co_await pool.async_submit([&] { ++ran; })); }));
    wait_until([&] { return ran == 2; });
}

TEST_CASE("full: a task that submits as a coroutine parks until another has ended") {
    Gate gate;
    std::atomic<bool> ran{false};
    std::atomic<bool> accepted{false};
    ants::Pool pool(2, {.carriers = 1});
    CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    CHECK_FALSE(pool.submit([&]() -> ants::Task<> {
        CHECK_FALSE(co_await pool.async_submit([&] { ran = true; }));
        accepted = true;
    }));
    wait_until([&] { return pool.waiting() == 1; });
    CHECK_FALSE(accepted);
    gate.open();
    wait_until([&] { return ran && accepted; });
}

TEST_CASE("full: a parked submitter is resumed on its own carrier") {
    Gate gate;
    ants::Pool pool(1);
    CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    const auto here = std::this_thread::get_id();
    const auto submit = [&]() -> ants::Task<bool> {
        CHECK_FALSE(co_await pool.async_submit([] {}));
        co_return std::this_thread::get_id() == here;
    };
    std::thread opener([&] {
        wait_until([&] { return pool.waiting() == 1; });
        gate.open();
    });
    ants::Carrier control;
    CHECK(control.run(submit()));
    opener.join();
}

TEST_CASE("full: a submitter that is destroyed while it waits leaves the line") {
    Gate gate;
    std::optional<std::error_code> answer;
    ants::Pool pool(1);
    CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    {
        ants::Carrier control;
        control.spawn(submit_one(pool, gate, answer));
        control.run(wait_for_turns(1));
        CHECK(pool.waiting() == 1);
    }
    CHECK(pool.waiting() == 0);
    gate.open();
    CHECK_FALSE(pool.release(1min));
    CHECK(pool.statistics().submitted == 1);
}

// Submitters are destroyed just while they are let in.
TEST_CASE("full: destroying submitters against workers that end") {
    Gate open;
    ants::Pool pool(2, {.carriers = 2});
    open.open();
    for (int i = 0; i < 1'000; ++i) {
        std::vector<std::optional<std::error_code>> answers(6);
        ants::Carrier control;
        for (auto& answer : answers) {
            control.spawn(submit_one(pool, open, answer));
        }
        control.run(wait_for_turns(i % 4));
    }
    CHECK(pool.waiting() == 0);
    CHECK_FALSE(pool.release(1min));
    CHECK(pool.statistics().submitted == pool.statistics().completed);
}

// The pool goes while the coroutine that waited for it has its answer, but has not run yet.
TEST_CASE("full: a submitter that was answered needs the pool no more") {
    std::optional<std::error_code> answer;
    Gate gate;
    ants::Carrier control;
    {
        ants::Pool pool(1);
        CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
        control.spawn(submit_one(pool, gate, answer));
        control.run(wait_for_turns(1));
        CHECK(pool.waiting() == 1);
    }
    SUBCASE("it goes on") {
        control.run(wait_for(answer));
        CHECK(answer == make_error_code(ants::Errc::pool_closed));
    }
    SUBCASE("it is destroyed") {}
}

TEST_SUITE_END();
