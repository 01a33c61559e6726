// Closing a pool, opening it again, destroying it.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "support.hpp"

namespace ants {
namespace {

TEST_CASE("release") {
    Gate gate;
    Pool pool(2);

    SUBCASE("ends idle workers") {
        REQUIRE(hold(pool, 2, gate));
        gate.open();
        REQUIRE(eventually([&] { return is_quiet(pool); }));
        CHECK(pool.running() == 2);
        pool.release();
        CHECK(pool.is_closed());
        CHECK(pool.running() == 0);
    }
    SUBCASE("lets what runs go on, and its worker ends after it") {
        REQUIRE(hold(pool, 2, gate));
        pool.release();
        CHECK(pool.running() == 2);
        gate.open();
        CHECK(eventually([&] { return pool.running() == 0; }));
        CHECK(gate.left() == 2);
    }
    SUBCASE("refuses new tasks, from threads and coroutines, also the second time") {
        pool.release();
        pool.release();
        CHECK(pool.submit([] {}) == Errc::pool_closed);
        Carrier carrier;
        std::optional<std::error_code> answer;
        carrier.run(submit_from_coroutine(
            pool, [] {}, answer));
        CHECK(answer == make_error_code(Errc::pool_closed));
    }
    gate.open();
}

TEST_CASE("release: wakes all that wait") {
    Gate gate;
    Pool pool(2);
    REQUIRE(hold(pool, 2, gate));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] { CHECK(pool.submit([] {}) == Errc::pool_closed); });
    }
    std::jthread releaser([&] {
        CHECK(eventually([&] { return pool.waiting() == 4; }));
        pool.release();
    });
    Carrier carrier;
    std::optional<std::error_code> answer;
    carrier.run(submit_from_coroutine(
        pool, [] {}, answer));
    CHECK(answer == make_error_code(Errc::pool_closed));
    threads.clear();
    CHECK(pool.waiting() == 0);
    CHECK(pool.statistics().submitted == 2);
    gate.open();
}

TEST_CASE("release with a timeout") {
    Gate gate;
    Pool pool(3);

    SUBCASE("of a pool without workers is over at once") {
        CHECK_FALSE(pool.release(0s));
        CHECK_FALSE(pool.release(0s));
        CHECK(pool.is_closed());
    }
    SUBCASE("waits until no worker is left") {
        REQUIRE(hold(pool, 3, gate));
        std::jthread opener([&] {
            CHECK(eventually([&] { return pool.is_closed(); }));
            gate.open();
        });
        CHECK_FALSE(pool.release(kHang));
        CHECK(gate.left() == 3);
        CHECK(pool.running() == 0);
    }
    SUBCASE("waits for plain tasks too") {
        REQUIRE_FALSE(pool.submit([&] { gate.pass(); }));
        std::jthread opener([&] {
            CHECK(eventually([&] { return pool.is_closed(); }));
            gate.open();
        });
        CHECK_FALSE(pool.release(kHang));
        CHECK(gate.left() == 1);
    }
    SUBCASE("says when that takes too long, and leaves the tasks alone") {
        REQUIRE(hold(pool, 3, gate));
        const Deadline before = Clock::now();
        CHECK(pool.release(5ms) == Errc::timeout);
        CHECK(Clock::now() - before >= 5ms);
        CHECK(pool.release(0s) == Errc::timeout);
        CHECK(pool.release(-1s) == Errc::timeout);
        CHECK(pool.running() == 3);
        gate.open();
        CHECK_FALSE(pool.release(std::chrono::nanoseconds::max()));
    }
    gate.open();
}

TEST_CASE("release with a timeout: from a task of the pool would never end, and says so") {
    std::atomic<int> asked{0};
    Pool pool(2);
    const auto ask = [&] {
        CHECK(pool.release(kHang) == std::errc::resource_deadlock_would_occur);
        ++asked;
    };
    REQUIRE_FALSE(pool.submit(ask));
    REQUIRE_FALSE(pool.submit([&]() -> Task<> {
        co_await yield();
        ask();
    }));
    REQUIRE(eventually([&] { return asked == 2; }));
    CHECK_FALSE(pool.is_closed());
}

TEST_CASE("reboot") {
    Gate gate;
    Pool pool(4, {.expiry = 1ms});

    SUBCASE("opens the pool again, repeatedly") {
        std::atomic<int> runs{0};
        for (int round = 1; round <= 20; ++round) {
            for (int i = 0; i < 100; ++i) {
                REQUIRE_FALSE(pool.submit([&]() -> Task<> {
                    co_await yield();
                    ++runs;
                }));
            }
            REQUIRE_FALSE(pool.release(kHang));
            CHECK(runs == 100 * round);
            CHECK(pool.submit([] {}) == Errc::pool_closed);
            pool.reboot();
            CHECK_FALSE(pool.is_closed());
        }
    }
    SUBCASE("while tasks still run: they keep their places") {
        std::atomic<bool> has_run{false};
        REQUIRE(hold(pool, 4, gate));
        pool.release();
        pool.reboot();
        CHECK(pool.running() == 4);
        std::jthread submitter([&] { CHECK_FALSE(pool.submit([&] { has_run = true; })); });
        REQUIRE(eventually([&] { return pool.waiting() == 1; }));
        gate.open();
        CHECK(eventually([&] { return has_run.load(); }));
    }
    SUBCASE("of an open pool does nothing") {
        pool.reboot();
        CHECK(next_worker(pool) == 1);
    }
    SUBCASE("after it idle workers are purged again") {
        CHECK(next_worker(pool) == 1);
        pool.release();
        pool.reboot();
        const std::uint64_t before = pool.statistics().purged;
        CHECK(next_worker(pool) == 1);
        CHECK(eventually([&] { return pool.statistics().purged == before + 1; }));
    }
}

TEST_CASE("destroying a busy pool") {
    std::atomic<int> destroyed{0};
    std::atomic<int> runs{0};
    std::optional<Pool> pool;
    pool.emplace(100);

    SUBCASE("destroys parked tasks where they stand") {
        for (int i = 0; i < 100; ++i) {
            REQUIRE_FALSE(pool->submit([&, sign = Sign(destroyed)]() -> Task<> {
                const Sign local(destroyed);
                ++runs;
                co_await sleep_for(1h);
                ++runs;
            }));
        }
        pool.reset();
        CHECK(runs == 100);
        CHECK(destroyed == 200);
    }
    SUBCASE("ends those that never stop yielding") {
        for (int i = 0; i < 10; ++i) {
            REQUIRE_FALSE(pool->submit([sign = Sign(destroyed)]() -> Task<> {
                for (;;) {
                    co_await yield();
                }
            }));
        }
        pool.reset();
        CHECK(destroyed == 10);
    }
    SUBCASE("waits for plain tasks, and begins what was accepted") {
        for (int i = 0; i < 100; ++i) {
            REQUIRE_FALSE(pool->submit([&] {
                std::this_thread::yield();
                ++runs;
            }));
        }
        pool.reset();
        CHECK(runs == 100);
    }
    SUBCASE("with idle workers, or never used") {
        CHECK(next_worker(*pool) == 1);
        pool.emplace(1);
        pool.reset();
    }
    CHECK_FALSE(pool);
}

TEST_CASE("destroying a pool refuses those that wait") {
    std::optional<Pool> pool;
    pool.emplace(1);

    SUBCASE("its own tasks") {
        std::atomic<int> runs{0};
        std::atomic<bool> was_refused{false};
        REQUIRE_FALSE(pool->submit([&, to = &*pool]() -> Task<> {
            const std::error_code refused = co_await to->async_submit([&] { ++runs; });
            was_refused = refused == Errc::pool_closed;
            co_await sleep_for(1h);
        }));
        REQUIRE(eventually([&] { return pool->waiting() == 1; }));
        pool.reset();
        CHECK(was_refused);
        CHECK(runs == 0);
    }
    SUBCASE("threads that are blocked in submit") {
        REQUIRE_FALSE(pool->submit([]() -> Task<> { co_await sleep_for(1h); }));
        std::vector<std::jthread> submitters;
        for (int i = 0; i < 3; ++i) {
            submitters.emplace_back(
                [to = &*pool] { CHECK(to->submit([] {}) == Errc::pool_closed); });
        }
        REQUIRE(eventually([&] { return pool->waiting() == 3; }));
        pool.reset();
    }
}

TEST_CASE("destroying a pool: what is parked leaves nothing behind") {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    for (int i = 0; i < 50; ++i) {
        Notice notice;
        std::jthread setter;
        std::atomic<bool> is_waiting{false};
        std::array<::pollfd, 1> fds{{{ends[0], POLLIN, 0}}};
        {
            Pool pool(1);
            REQUIRE_FALSE(pool.submit([&]() -> Task<> {
                is_waiting = true;
                co_await poll(fds, Clock::now() + 1h, &notice);
                co_await sleep_for(1h);
            }));
            REQUIRE(eventually([&] { return is_waiting.load(); }));
            setter = std::jthread([&] { notice.set(); });
        }
        setter.join();
        CHECK(notice.take());
    }
    ::close(ends[0]);
    ::close(ends[1]);
}

// Sanitizers do not like threads after a fork, or to be killed.
#if !defined(NDEBUG) && !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
TEST_CASE("destroying a pool from a task of its own is an assertion") {
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(2);
        std::signal(SIGABRT, SIG_DFL);  // not doctest's
        auto pool = std::make_unique<Pool>(1);
        static_cast<void>(pool->submit([&] { pool.reset(); }));
        ::sleep(60);
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
}
#endif

}  // namespace
}  // namespace ants
