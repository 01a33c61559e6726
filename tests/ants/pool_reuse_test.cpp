#include "ants/pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ants/wait.hpp"
#include "gate.hpp"

namespace {

using namespace std::chrono_literals;

// How often each task ran, and how many ran at once.
class Ledger {
public:
    explicit Ledger(int tasks) : runs_(static_cast<std::size_t>(tasks)) {}

    void enter(int task) {
        ++runs_[static_cast<std::size_t>(task)];
        const int now = ++running_;
        int most = most_;
        while (now > most && !most_.compare_exchange_weak(most, now)) {
        }
    }
    void leave() { --running_; }

    bool each_ran_once() const {
        return std::all_of(runs_.begin(), runs_.end(), [](const auto& runs) { return runs == 1; });
    }
    int most_at_once() const { return most_; }

private:
    std::vector<std::atomic<int>> runs_;
    std::atomic<int> running_{0};
    std::atomic<int> most_{0};
};

ants::Task<> park_a_little(Ledger& ledger, int task) {
    ledger.enter(task);
    co_await ants::sleep_for(std::chrono::microseconds(task % 200));
    ledger.leave();
}

std::error_code submit_numbered(ants::Pool& pool, Ledger& ledger, int task) {
    if (task % 2 == 0) {
        return pool.submit([&ledger, task] {
            ledger.enter(task);
            ledger.leave();
        });
    }
    return pool.submit([&ledger, task] { return park_a_little(ledger, task); });
}

ants::Task<> submit_range(ants::Pool& pool, Ledger& ledger, int begin, int end) {
    for (int task = begin; task < end; ++task) {
        const auto refused =
            co_await pool.async_submit([&ledger, task] { return park_a_little(ledger, task); });
        CHECK_FALSE(refused);
    }
}

// Half from two threads that block, half from coroutines on two carriers.
void submit_all(ants::Pool& pool, Ledger& ledger, int tasks) {
    const int quarter = tasks / 4;
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&, i] {
            for (int task = i * quarter; task < (i + 1) * quarter; ++task) {
                CHECK_FALSE(submit_numbered(pool, ledger, task));
            }
        });
        threads.emplace_back([&, i] {
            ants::Carrier control;
            control.run(submit_range(pool, ledger, (i + 2) * quarter, (i + 3) * quarter));
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

// The id of the worker that runs the next task.
std::int32_t next_worker(ants::Pool& pool) {
    const std::uint64_t completed = pool.statistics().completed;
    std::atomic<std::int32_t> id{0};
    CHECK_FALSE(pool.submit([&](std::int32_t worker) { id = worker; }));
    wait_until([&] { return pool.statistics().completed == completed + 1; });
    return id;
}

// Start as many tasks as there are gates, worker ids from 1; then let them end in this order.
void end_in_order(ants::Pool& pool, const std::vector<int>& order) {
    std::vector<Gate> gates(order.size());
    for (Gate& gate : gates) {
        CHECK_FALSE(pool.submit([&gate] { return gate.pass(); }));
    }
    const std::uint64_t completed = pool.statistics().completed;
    for (std::size_t i = 0; i < order.size(); ++i) {
        gates[static_cast<std::size_t>(order[i]) - 1].open();
        wait_until([&] { return pool.statistics().completed == completed + i + 1; });
    }
}

}  // namespace

TEST_SUITE_BEGIN("ants");

TEST_CASE("pool: 100,000 tasks each run exactly once, never more than capacity at a time") {
    constexpr int kTasks = 100'000;
    for (const bool preallocate : {false, true}) {
        for (const std::int32_t capacity : {1, 7, 500}) {
            CAPTURE(preallocate);
            CAPTURE(capacity);
            const int tasks = capacity == 1 ? kTasks / 50 : kTasks;
            ants::Pool pool(capacity, {.preallocate = preallocate, .carriers = 3});
            Ledger ledger(tasks);
            submit_all(pool, ledger, tasks);
            CHECK_FALSE(pool.release(2min));
            CHECK(ledger.each_ran_once());
            CHECK(ledger.most_at_once() <= capacity);
            CHECK(pool.statistics().peak_running <= capacity);
            CHECK(pool.statistics().spawned <= static_cast<std::uint64_t>(capacity));
            CHECK(pool.statistics().completed == static_cast<std::uint64_t>(tasks));
        }
    }
}

TEST_CASE("pool: F may be move-only, large, take the worker's id, be a coroutine") {
    std::atomic<int> sum{0};
    ants::Pool pool(2);
    CHECK_FALSE(pool.submit([&sum, one = std::make_unique<int>(1)] { sum += *one; }));
    struct Large {
        std::atomic<int>& sum;
        char rest[500];
        std::unique_ptr<int> ten;
        void operator()(std::int32_t) const { sum += *ten; }
    };
    CHECK_FALSE(pool.submit(Large{sum, {}, std::make_unique<int>(10)}));
    CHECK_FALSE(pool.submit([&sum, hundred = std::make_unique<int>(100)]() -> ants::Task<> {
        co_await ants::yield();
        sum += *hundred;
    }));
    const std::function<void()> thousand = [&] { sum += 1000; };
    CHECK_FALSE(pool.submit(thousand));
    CHECK_FALSE(pool.release(1min));
    CHECK(sum == 1111);
}

TEST_CASE("pool: F is destroyed before its worker counts as idle") {
    ants::Pool pool(1, {.nonblocking = true});
    for (int i = 0; i < 200; ++i) {
        auto token = std::make_shared<int>();
        const std::weak_ptr<int> watch = token;
        CHECK_FALSE(pool.submit([token]() -> ants::Task<> { co_await ants::yield(); }));
        token.reset();
        wait_until([&] { return pool.statistics().completed == static_cast<unsigned>(i) + 1; });
        CHECK(watch.expired());
    }
}

TEST_CASE("pool: idle workers are reused, the last one first") {
    ants::Pool pool(4, {.disable_purge = true});
    end_in_order(pool, {2, 4, 1, 3});
    CHECK(next_worker(pool) == 3);
    CHECK(next_worker(pool) == 3);
    CHECK(pool.statistics().spawned == 4);
}

TEST_CASE("pool: preallocated, idle workers are reused in turn") {
    ants::Pool pool(4, {.preallocate = true, .disable_purge = true});
    end_in_order(pool, {2, 4, 1, 3});
    for (const int expected : {2, 4, 1, 3, 2, 4}) {
        CHECK(next_worker(pool) == expected);
    }
    CHECK(pool.statistics().spawned == 4);
}

TEST_CASE("pool: ids are 1 to capacity, those that run have different ones") {
    constexpr int kCapacity = 5;
    std::atomic<bool> taken[kCapacity + 1]{};
    std::atomic<int> wrong{0};
    ants::Pool pool(kCapacity);
    for (int i = 0; i < 5'000; ++i) {
        CHECK_FALSE(pool.submit([&](std::int32_t id) -> ants::Task<> {
            wrong += id < 1 || id > kCapacity || taken[id].exchange(true) ? 1 : 0;
            co_await ants::yield();
            taken[id] = false;
        }));
    }
    CHECK_FALSE(pool.release(1min));
    CHECK(wrong == 0);
}

TEST_CASE("pool: a freed id is taken again, the lowest first") {
    Gate gates[4];
    std::vector<std::int32_t> ids(4);
    ants::Pool pool(4, {.panic_handler = [](std::exception_ptr) {}, .disable_purge = true});
    const auto hold = [&](std::size_t i, bool panics) {
        return pool.submit([&, i, panics](std::int32_t id) -> ants::Task<> {
            ids[i] = id;
            co_await gates[i].pass();
            if (panics) {
                throw 1;  // ends the worker
            }
        });
    };
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK_FALSE(hold(i, i == 1 || i == 3));
    }
    gates[3].open();
    gates[1].open();
    wait_until([&] { return pool.running() == 2; });
    CHECK(next_worker(pool) == 2);
    gates[0].open();
    gates[2].open();
    CHECK_FALSE(pool.release(1min));
}

TEST_CASE("pool: unlimited") {
    constexpr int kTasks = 1'000;
    Gate gate;
    ants::Pool pool(0);
    CHECK(pool.capacity() == -1);
    CHECK(pool.free() == -1);
    for (int i = 0; i < kTasks; ++i) {
        CHECK_FALSE(pool.submit([&gate] { return gate.pass(); }));
    }
    CHECK(pool.running() == kTasks);
    pool.tune(3);
    CHECK(pool.capacity() == -1);
    gate.open();
    CHECK_FALSE(pool.release(1min));
    CHECK(pool.statistics().completed == kTasks);
}

TEST_CASE("pool: running, free, waiting, capacity") {
    Gate gate;
    ants::Pool pool(3);
    CHECK(pool.running() == 0);
    CHECK(pool.free() == 3);
    CHECK_FALSE(pool.submit([&gate] { return gate.pass(); }));
    CHECK_FALSE(pool.submit([&gate] { return gate.pass(); }));
    CHECK(pool.running() == 2);
    CHECK(pool.free() == 1);
    CHECK(pool.waiting() == 0);
    CHECK(pool.capacity() == 3);
    gate.open();
    wait_until([&] { return pool.statistics().completed == 2; });
    CHECK(pool.running() == 2);  // idle ones are alive
    pool.release();
    CHECK(pool.running() == 0);
    CHECK(pool.free() == 3);
}

TEST_CASE("pool: options that make no sense are refused") {
    CHECK_THROWS_AS(ants::Pool(1, {.expiry = -1s}), std::system_error);
    CHECK_THROWS_AS(ants::Pool(-1, {.preallocate = true}), std::system_error);
    const auto code_of = [](std::int32_t capacity, ants::Options options) {
        try {
            const ants::Pool pool(capacity, std::move(options));
        } catch (const std::system_error& error) {
            return error.code();
        }
        return std::error_code();
    };
    CHECK(code_of(1, {.expiry = -1ns}) == ants::Errc::invalid_pool_expiry);
    CHECK(code_of(0, {.preallocate = true}) == ants::Errc::invalid_preallocate_size);
    CHECK(code_of(1, {.expiry = 0ns}) == std::error_code());
}

TEST_SUITE_END();
