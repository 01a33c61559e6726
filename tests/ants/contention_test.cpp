// Properties that hold whatever many threads do to a pool at the same time.
#include <doctest/doctest.h>

#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support.hpp"

namespace ants {
namespace {

constexpr int kThreads = 4;
constexpr auto kFor = 1500ms;

// Runs it from several threads, each with a seed of its own, until the time is over.
template <class Action>
void for_a_while(int threads, Action action) {
    const Deadline end = Clock::now() + kFor;
    std::vector<std::jthread> all;
    for (int seed = 1; seed <= threads; ++seed) {
        all.emplace_back([=, &action] {
            std::mt19937 random(static_cast<unsigned>(seed));
            while (Clock::now() < end) {
                action(random);
            }
        });
    }
}

// What was accepted, what ran, what was destroyed.
struct Ledger {
    std::atomic<long> offered{0};
    std::atomic<long> accepted{0};
    std::atomic<long> begun{0};
    std::atomic<long> ended{0};
    Crowd crowd;

    // A task of one of four kinds. It counts as accepted if `submit` says so.
    template <class Submit>
    void offer(Submit submit, unsigned long kind) {
        ++offered;
        std::error_code refused;
        switch (kind % 4) {
            case 0: refused = submit([this] { run(); }); break;
            case 1: refused = submit([this] { run_and_panic(); }); break;
            case 2: refused = submit([this] { return park(false); }); break;
            default: refused = submit([this] { return park(true); });
        }
        accepted += refused ? 0 : 1;
    }

    void run() {
        ++begun;
        crowd.enter();
        crowd.leave();
        ++ended;
    }
    void run_and_panic() {
        run();
        throw std::runtime_error("panic");
    }
    Task<> park(bool panics) {
        ++begun;
        crowd.enter();
        co_await yield();
        co_await sleep_for(20us);
        crowd.leave();
        ++ended;
        if (panics) {
            throw std::runtime_error("panic");
        }
    }
};

Options quiet() {
    return {.expiry = 1ms, .panic_handler = [](const std::exception_ptr&) {}};
}

TEST_CASE("contention: submitting from many threads and coroutines") {
    Ledger ledger;
    Options options = quiet();
    SUBCASE("with a stack") {}
    SUBCASE("with a preallocated ring") { options.preallocate = true; }
    SUBCASE("nonblocking") { options.nonblocking = true; }
    SUBCASE("with few places to wait") { options.max_blocking_tasks = 2; }
    SUBCASE("with more carriers than CPUs") { options.carriers = 8; }
    constexpr std::int32_t kCapacity = 5;
    Pool pool(kCapacity, options);
    std::jthread coroutines([&] {
        Carrier carrier;
        const Deadline end = Clock::now() + kFor;
        const auto submitter = [](Pool& to, Ledger& all, Deadline until) -> Task<> {
            while (Clock::now() < until) {
                ++all.offered;
                const std::error_code refused =
                    co_await to.async_submit([&all] { return all.park(true); });
                all.accepted += refused ? 0 : 1;
                co_await yield();
            }
        };
        for (int i = 0; i < 5; ++i) {
            carrier.spawn(submitter(pool, ledger, end));
        }
        carrier.run(submitter(pool, ledger, end));
        carrier.run([](Pool& to) -> Task<> {
            while (to.waiting() > 0) {
                co_await sleep_for(1ms);
            }
        }(pool));
    });
    for_a_while(kThreads, [&](auto& random) {
        ledger.offer([&](auto task) { return pool.submit(task); }, random());
    });
    coroutines.join();
    CHECK_FALSE(pool.release(kHang));
    CHECK(ledger.begun == ledger.ended);
    CHECK(pool.statistics().submitted == static_cast<std::uint64_t>(ledger.begun));
    CHECK(pool.statistics().completed == static_cast<std::uint64_t>(ledger.begun));
    CHECK(ledger.crowd.most() <= kCapacity);
    CHECK(pool.statistics().peak_running <= kCapacity);
    CHECK(ledger.begun > 0);
}

TEST_CASE("contention: tune, release, reboot, submit, panic at the same time") {
    Ledger ledger;
    constexpr std::int32_t kMost = 8;
    Pool pool(kMost, quiet());
    std::jthread changer([&] {
        for_a_while(1, [&](auto& random) {
            switch (random() % 4) {
                case 0: pool.release(); break;
                case 1: static_cast<void>(pool.release(1ms)); break;
                default: pool.tune(1 + static_cast<std::int32_t>(random() % kMost));
            }
            static_cast<void>(pool.workers());
            pool.reboot();
            std::this_thread::yield();
        });
    });
    for_a_while(kThreads, [&](auto& random) {
        ledger.offer([&](auto task) { return pool.submit(task); }, random());
    });
    changer.join();
    CHECK_FALSE(pool.release(kHang));
    CHECK(ledger.accepted == ledger.begun);
    CHECK(ledger.accepted == ledger.ended);
    CHECK(pool.statistics().completed == static_cast<std::uint64_t>(ledger.accepted));
    CHECK(ledger.crowd.most() <= kMost);
    CHECK(pool.running() == 0);
    pool.reboot();
    pool.tune(kMost);
    Gate gate;
    CHECK(hold(pool, kMost, gate));  // no place was lost
    gate.open();
}

TEST_CASE("contention: tasks that submit to their own pool") {
    Ledger ledger;
    Pool pool(6, quiet());
    struct Family {
        static Task<> grow(Pool& pool, Ledger& all, int depth) {
            ++all.begun;
            if (depth > 0) {
                for (int i = 0; i < 2; ++i) {
                    // Not co_await: the pool may be full of those that would.
                    const std::error_code refused =
                        pool.submit([&pool, &all, depth] { return grow(pool, all, depth - 1); });
                    all.accepted += refused ? 0 : 1;
                }
            }
            co_await yield();
            ++all.ended;
        }
    };
    for_a_while(kThreads, [&](auto&) {
        const auto refused = pool.submit([&] { return Family::grow(pool, ledger, 4); });
        ledger.accepted += refused ? 0 : 1;
    });
    CHECK(eventually([&] { return is_quiet(pool); }));
    CHECK(ledger.accepted == ledger.ended);
    CHECK(pool.statistics().peak_running <= 6);
}

TEST_CASE("contention: pools that live a moment") {
    Ledger ledger;
    std::atomic<std::uint64_t> submitted{0};
    for_a_while(2, [&](auto& random) {
        Pool pool(1 + static_cast<std::int32_t>(random() % 4), quiet());
        for (unsigned long i = random() % 20; i > 0; --i) {
            ledger.offer([&](auto task) { return pool.submit(task); }, 2 * (random() % 2));
        }
        submitted += pool.statistics().submitted;
    });
    CHECK(ledger.accepted == static_cast<long>(submitted));
    CHECK(ledger.begun == ledger.accepted);  // what was accepted was begun
    CHECK(ledger.ended <= ledger.begun);
}

TEST_CASE("contention: one multi-pool from many threads") {
    Ledger ledger;
    LoadBalancing strategy{};
    SUBCASE("RoundRobin") { strategy = LoadBalancing::RoundRobin; }
    SUBCASE("LeastTasks") { strategy = LoadBalancing::LeastTasks; }
    Options options = quiet();
    options.nonblocking = true;
    MultiPool<Pool> pools(3, 2, strategy, options);
    for_a_while(kThreads, [&](auto& random) {
        ledger.offer([&](auto task) { return pools.submit(task); }, random());
        std::this_thread::yield();
    });
    CHECK_FALSE(pools.release(kHang).error);
    CHECK(ledger.accepted == ledger.ended);
    CHECK(ledger.crowd.most() <= 6);
}

TEST_CASE("contention: notices between carriers") {
    constexpr int kPairs = 8;
    constexpr int kRounds = 2'000;
    Pool pool(2 * kPairs, {.carriers = 2});
    std::vector<Notice> notices(2 * kPairs);
    std::atomic<int> rounds{0};
    const auto play = [](Notice& own, Notice& other, bool begins, std::atomic<int>& n) -> Task<> {
        if (begins) {
            other.set();
        }
        for (int i = 0; i < kRounds; ++i) {
            while (!own.take()) {
                co_await poll({}, Clock::now() + std::chrono::microseconds(i % 30), &own);
            }
            ++n;
            other.set();
        }
    };
    for (std::size_t i = 0; i < kPairs; ++i) {
        Notice& one = notices[2 * i];
        Notice& two = notices[2 * i + 1];
        REQUIRE_FALSE(pool.submit([&] { return play(one, two, true, rounds); }));
        REQUIRE_FALSE(pool.submit([&] { return play(two, one, false, rounds); }));
    }
    CHECK_FALSE(pool.release(kHang));
    CHECK(rounds == 2 * kPairs * kRounds);
}

}  // namespace
}  // namespace ants
