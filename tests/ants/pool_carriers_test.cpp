// On which thread a task runs.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <set>
#include <thread>

#include "ants/pool.hpp"
#include "ants/wait.hpp"
#include "gate.hpp"

namespace {

using namespace std::chrono_literals;

// To look at an object in an error, UBSan needs descriptors itself: without one it sees errors
// where there are none.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kNeedsDescriptors = true;
#else
constexpr bool kNeedsDescriptors = false;
#endif

// Allows so many more descriptors while it lives.
class DescriptorLimit {
public:
    explicit DescriptorLimit(unsigned more) {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const int next = ::dup(0);
        ::close(next);
        rlimit limit = before_;
        limit.rlim_cur = static_cast<rlim_t>(next) + more;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    }
    ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

// As many plain tasks as the capacity wait for each other: each needs a thread of its own.
void meet(ants::Pool& pool) {
    const std::int32_t capacity = pool.capacity();
    std::barrier<> barrier(capacity);
    std::atomic<int> met{0};
    for (int i = 0; i < 20 * capacity; ++i) {
        CHECK_FALSE(pool.submit([&] {
            barrier.arrive_and_wait();
            ++met;
        }));
    }
    wait_until([&] { return met == 20 * capacity; });
}

}  // namespace

TEST_SUITE_BEGIN("ants");

TEST_CASE("carriers: start on demand, at most the capacity") {
    Gate gate;
    ants::Pool pool(2, {.carriers = 8});
    CHECK(pool.carriers() == 0);
    CHECK_FALSE(pool.submit([] {}));
    CHECK(pool.carriers() == 1);
    wait_until([&] { return pool.statistics().completed == 1; });
    CHECK_FALSE(pool.submit([] {}));
    CHECK(pool.carriers() == 1);  // it had nothing unfinished
    for (int i = 0; i < 2; ++i) {
        CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
    }
    CHECK(pool.carriers() == 2);
    gate.open();
}

TEST_CASE("carriers: with carriers >= capacity no two tasks share one") {
    ants::Pool pool(8, {.carriers = 16});
    meet(pool);
    CHECK(pool.carriers() == 8);
    SUBCASE("after tune, too") {
        pool.tune(12);
        meet(pool);
        CHECK(pool.carriers() == 12);
        pool.tune(5);
        meet(pool);
    }
    SUBCASE("after reboot, too") {
        CHECK_FALSE(pool.release(1min));
        pool.reboot();
        meet(pool);
        CHECK(pool.carriers() == 8);
    }
}

TEST_CASE("carriers: one that is stuck does not get tasks while another has nothing to do") {
    Gate gate;
    ants::Pool pool(100, {.carriers = 2});
    CHECK_FALSE(pool.submit([&] { gate.wait(); }));
    for (unsigned i = 0; i < 200; ++i) {
        CHECK_FALSE(pool.submit([]() -> ants::Task<> { co_await ants::yield(); }));
        wait_until([&] { return pool.statistics().completed == i + 1; });
    }
    gate.open();
}

TEST_CASE("carriers: a task goes on on the carrier where it began") {
    std::atomic<int> moved{0};
    ants::Pool pool(50, {.carriers = 3});
    for (int i = 0; i < 500; ++i) {
        CHECK_FALSE(pool.submit([&]() -> ants::Task<> {
            const auto thread = std::this_thread::get_id();
            co_await ants::sleep_for(100us);
            moved += std::this_thread::get_id() != thread ? 1 : 0;
        }));
    }
    CHECK_FALSE(pool.release(1min));
    CHECK(moved == 0);
}

TEST_CASE("carriers: signals are for other threads") {
    sigset_t mask;
    sigset_t ours;
    ants::Pool pool(1);
    ::sigemptyset(&mask);
    CHECK_FALSE(pool.submit([&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &mask); }));
    CHECK_FALSE(pool.release(1min));
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGPIPE, SIGUSR1, SIGALRM}) {
        CHECK(::sigismember(&mask, signal) == 1);
    }
    CHECK(::sigismember(&mask, SIGSEGV) == 0);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &ours);
    CHECK(::sigismember(&ours, SIGINT) == 0);
}

TEST_CASE("carriers: if not even the first can be started, submit says why; later it may work" *
          doctest::skip(kNeedsDescriptors)) {
    std::atomic<bool> ran{false};
    ants::Pool pool(4);
    {
        const DescriptorLimit none(0);
        const std::error_code refused = pool.submit([] {});
        CHECK(refused == std::errc::too_many_files_open);
    }
    CHECK(pool.running() == 0);
    CHECK_FALSE(pool.submit([&] { ran = true; }));
    CHECK_FALSE(pool.release(1min));
    CHECK(ran);
    CHECK(pool.statistics().submitted == 1);
}

TEST_CASE("carriers: if one cannot be started, the pool goes on with fewer" *
          doctest::skip(kNeedsDescriptors)) {
    Gate gate;
    ants::Pool pool(4, {.carriers = 4});
    {
        const DescriptorLimit for_one(2);
        for (int i = 0; i < 4; ++i) {
            CHECK_FALSE(pool.submit([&] { return gate.pass(); }));
        }
    }
    CHECK(pool.carriers() == 1);
    gate.open();
    CHECK_FALSE(pool.release(1min));
    CHECK(pool.statistics().completed == 4);
}

TEST_SUITE_END();
