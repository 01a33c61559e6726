#include "ants/pool.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support.hpp"

namespace ants {
namespace {

TEST_CASE("pool: 100,000 sleepers at once") {
    constexpr std::int32_t kSleepers = 100'000;
    Crowd crowd;
    std::atomic<int> asleep{0};
    Pool pool(kSleepers);
    for (std::int32_t i = 0; i < kSleepers; ++i) {
        REQUIRE_FALSE(pool.submit([&]() -> Task<> {
            crowd.enter();
            ++asleep;
            do {
                co_await sleep_for(20ms);
            } while (asleep < kSleepers);
            crowd.leave();
        }));
    }
    CHECK_FALSE(pool.release(kHang));
    CHECK(crowd.most() == kSleepers);
    CHECK(pool.statistics().peak_running == kSleepers);
}

TEST_CASE("pool: the order of refusal is closed, overload, deadlock") {
    const auto refusal_on_carrier = [](Pool& pool) {
        Carrier carrier;
        return carrier.run(
            [](Pool& to) -> Task<std::error_code> { co_return to.submit([] {}); }(pool));
    };
    Gate gate;
    Pool blocking(1);
    Pool nonblocking(1, {.nonblocking = true});
    REQUIRE(hold(blocking, 1, gate));
    REQUIRE(hold(nonblocking, 1, gate));
    CHECK(refusal_on_carrier(blocking) == std::errc::resource_deadlock_would_occur);
    CHECK(refusal_on_carrier(nonblocking) == Errc::pool_overload);
    blocking.release();
    nonblocking.release();
    CHECK(refusal_on_carrier(blocking) == Errc::pool_closed);
    CHECK(refusal_on_carrier(nonblocking) == Errc::pool_closed);
    gate.open();
}

// Notes when it is moved or destroyed between its call and the end of its coroutine.
template <std::size_t kSize>
class Witness {
public:
    explicit Witness(std::atomic<int>& wrong) : wrong_(wrong) { bytes_.fill(7); }
    Witness(Witness&& other) noexcept : wrong_(other.wrong_), bytes_(other.bytes_) {
        wrong_ += other.is_running_ ? 1 : 0;
    }
    ~Witness() {
        wrong_ += is_running_ ? 1 : 0;
        bytes_.fill(0);
    }
    Task<> operator()() {
        const Witness* const before = this;
        is_running_ = true;
        co_await sleep_for(100us);
        wrong_ += before == this && bytes_.front() == 7 && bytes_.back() == 7 ? 0 : 1;
        is_running_ = false;
    }

private:
    std::atomic<int>& wrong_;
    bool is_running_ = false;
    std::array<char, kSize> bytes_{};
};

TEST_CASE("pool: the function stays where it is until its coroutine has ended") {
    std::atomic<int> wrong{0};
    Pool pool(4);
    for (int i = 0; i < 200; ++i) {
        REQUIRE_FALSE(pool.submit(Witness<8>(wrong)));
        REQUIRE_FALSE(pool.submit(Witness<200>(wrong)));
    }
    CHECK_FALSE(pool.release(kHang));
    CHECK(wrong == 0);
}

void add_one_to(std::atomic<int>& n) { ++n; }
std::atomic<int> calls{0};
void call() { add_one_to(calls); }

TEST_CASE("pool: the function") {
    Gate gate;

    SUBCASE("may be a plain one, and a coroutine") {
        Pool pool(1, {.panic_handler = [](const std::exception_ptr&) {}});
        calls = 0;
        REQUIRE_FALSE(pool.submit(call));
        REQUIRE_FALSE(pool.submit(&call));
        REQUIRE_FALSE(pool.submit(panic_later));
        CHECK(eventually([&] { return calls == 2 && pool.statistics().panicked == 1; }));
    }
    SUBCASE("is copied if it is an lvalue") {
        std::atomic<int> sum{0};
        Pool pool(1);
        const auto task = [&sum, n = std::make_shared<int>(1)] { sum += *n; };
        REQUIRE_FALSE(pool.submit(task));
        REQUIRE_FALSE(pool.submit(task));
        CHECK(eventually([&] { return sum == 2; }));
    }
    SUBCASE("is destroyed when it is refused") {
        std::atomic<int> destroyed{0};
        Pool pool(1, {.nonblocking = true});
        REQUIRE(hold(pool, 1, gate));
        CHECK(pool.submit([sign = Sign(destroyed)] {}) == Errc::pool_overload);
        CHECK(destroyed == 1);
    }
    SUBCASE("may use the pool when it is destroyed, also when refused after a wait") {
        std::atomic<int> asked{0};
        Pool pool(1);
        const auto ask = [&](const int* n) {
            asked += pool.running() >= 0 ? 1 : 0;
            delete n;
        };
        REQUIRE(hold(pool, 1, gate));
        std::jthread submitter([&] {
            CHECK(pool.submit([kept = std::shared_ptr<int>(new int, ask)] {}) == Errc::pool_closed);
        });
        REQUIRE(eventually([&] { return pool.waiting() == 1; }));
        pool.release();
        CHECK(eventually([&] { return asked == 1; }));
        gate.open();
    }
    gate.open();
}

TEST_CASE("pool: those that wait are let in first come first served, threads and coroutines") {
    constexpr int kWaiters = 12;
    Gate gate;
    Carrier carrier;
    Pool pool(1);
    std::vector<int> order;  // by one task at a time
    std::vector<std::optional<std::error_code>> answers(kWaiters);
    REQUIRE(hold(pool, 1, gate));
    std::vector<std::jthread> threads;
    for (int i = 0; i < kWaiters; ++i) {
        const auto note = [&order, i] { order.push_back(i); };
        if (i % 2 == 0) {
            threads.emplace_back([&pool, note] { CHECK_FALSE(pool.submit(note)); });
        } else {
            carrier.spawn(submit_from_coroutine(pool, note, answers[static_cast<std::size_t>(i)]));
            carrier.run([]() -> Task<> { co_await yield(); }());
        }
        REQUIRE(eventually([&] { return pool.waiting() == i + 1; }));
    }
    gate.open();
    REQUIRE(eventually([&] { return pool.statistics().completed == kWaiters + 1; }));
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(order.size() == kWaiters);
    CHECK(pool.statistics().spawned == 1);
}

TEST_CASE("pool: a coroutine that was let in and destroyed before it heard of it") {
    Gate gate;
    std::atomic<int> runs{0};
    std::atomic<int> destroyed{0};
    std::optional<std::error_code> answer;
    Pool pool(1);
    REQUIRE(hold(pool, 1, gate));
    {
        Carrier carrier;
        const auto task = [&runs, sign = std::make_shared<Sign>(destroyed)] { ++runs; };
        carrier.spawn(submit_from_coroutine(pool, task, answer));
        carrier.run([]() -> Task<> { co_await yield(); }());
        REQUIRE(pool.waiting() == 1);
        gate.open();
        REQUIRE(eventually([&] { return runs == 1; }));
    }
    CHECK(pool.waiting() == 0);
    CHECK_FALSE(answer);
    CHECK(eventually([&] { return destroyed == 1; }));
    CHECK(next_worker(pool) == 1);
}

TEST_CASE("pool: the value of unlimited") {
    CHECK(Pool(0).capacity() == -1);
    CHECK(Pool(-1).capacity() == -1);
    CHECK(Pool(-7).free() == -1);
}

}  // namespace
}  // namespace ants
