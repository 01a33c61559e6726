#include "ants/func_pool.hpp"

#include <doctest/doctest.h>

#include <any>
#include <memory>
#include <stdexcept>
#include <string>

#include "support.hpp"

namespace ants {
namespace {

TEST_CASE("func pool: calls its function with each value") {
    std::atomic<int> sum{0};

    SUBCASE("a plain one") {
        FuncPool<int> pool(8, [&](int n) { sum += n; });
        for (int n = 1; n <= 1000; ++n) {
            REQUIRE_FALSE(pool.invoke(n));
        }
        CHECK(eventually([&] { return sum == 500'500; }));
        CHECK(pool.statistics().spawned <= 8);
    }
    SUBCASE("a coroutine") {
        FuncPool<int> pool(8, [&](int n) -> Task<> {
            co_await sleep_for(1us);
            sum += n;
        });
        for (int n = 1; n <= 1000; ++n) {
            REQUIRE_FALSE(pool.invoke(n));
        }
        CHECK(eventually([&] { return sum == 500'500; }));
    }
    SUBCASE("from a coroutine, which parks while the pool is full") {
        FuncPool<int> pool(2, [&](int n) -> Task<> {
            co_await yield();
            sum += n;
        });
        Carrier carrier;
        carrier.run([](FuncPool<int>& to) -> Task<> {
            for (int n = 1; n <= 1000; ++n) {
                const std::error_code refused = co_await to.async_invoke(n);
                CHECK_FALSE(refused);
            }
        }(pool));
        CHECK(eventually([&] { return sum == 500'500; }));
    }
}

TEST_CASE("func pool: the value") {
    std::atomic<int> sum{0};

    SUBCASE("may be move-only") {
        FuncPool<std::unique_ptr<int>> pool(2, [&](std::unique_ptr<int> n) { sum += *n; });
        REQUIRE_FALSE(pool.invoke(std::make_unique<int>(7)));
        CHECK(eventually([&] { return sum == 7; }));
    }
    SUBCASE("lives until the coroutine has ended, also if that takes a reference") {
        FuncPool<std::string> pool(2, [&](const std::string& text) -> Task<> {
            co_await sleep_for(1ms);
            sum += static_cast<int>(text.size());
        });
        REQUIRE_FALSE(pool.invoke(std::string(100, 'x')));
        REQUIRE_FALSE(pool.invoke(std::string(100, 'y')));
        CHECK(eventually([&] { return sum == 200; }));
    }
    SUBCASE("of any type is the pool of the original") {
        FuncPool<std::any> pool(2, [&](const std::any& n) { sum += std::any_cast<int>(n); });
        REQUIRE_FALSE(pool.invoke(7));
        CHECK(eventually([&] { return sum == 7; }));
    }
}

TEST_CASE("func pool: without a function it is refused") {
    CHECK(thrown([] { FuncPool<int>(1, nullptr); }) == Errc::lack_pool_func);
    CHECK(thrown([] { FuncPool<int>(1, std::function<void(int)>()); }) == Errc::lack_pool_func);
    CHECK(thrown([] { FuncPool<int>(1, std::function<Task<>(int)>()); }) == Errc::lack_pool_func);
    CHECK(thrown([] { FuncPool<int>(1, [](int) {}, {.expiry = -1s}); }) ==
          Errc::invalid_pool_expiry);
}

TEST_CASE("func pool: a panic") {
    std::atomic<int> panics{0};
    std::atomic<int> calls{0};
    const Options options{.panic_handler = [&](const std::exception_ptr&) { ++panics; }};

    SUBCASE("of a plain function goes to the handler, the slot is usable again") {
        FuncPool<int> pool(
            1,
            [&](int n) {
                ++calls;
                n % 2 == 0 ? throw std::runtime_error("even") : 0;
            },
            options);
        for (int n = 0; n < 10; ++n) {
            REQUIRE_FALSE(pool.invoke(n));
        }
        CHECK(eventually([&] { return calls == 10 && panics == 5; }));
    }
    SUBCASE("of a coroutine after a co_await too") {
        FuncPool<int> pool(
            1,
            [&](int n) -> Task<> {
                co_await yield();
                ++calls;
                if (n % 2 == 0) {
                    throw std::runtime_error("even");
                }
            },
            options);
        for (int n = 0; n < 10; ++n) {
            REQUIRE_FALSE(pool.invoke(n));
        }
        CHECK(eventually([&] { return calls == 10 && panics == 5; }));
    }
}

TEST_CASE("func pool: everything else is as in the pool") {
    Gate gate;
    FuncPool<int> pool(2, [&](int) -> Task<> { return gate.park(); }, {.nonblocking = true});
    CHECK(pool.capacity() == 2);
    CHECK(pool.free() == 2);
    REQUIRE_FALSE(pool.invoke(0));
    REQUIRE_FALSE(pool.invoke(0));
    CHECK(pool.running() == 2);
    CHECK(pool.invoke(0) == Errc::pool_overload);
    CHECK(pool.waiting() == 0);
    CHECK(pool.carriers() >= 1);
    pool.tune(3);
    CHECK(pool.capacity() == 3);
    CHECK_FALSE(pool.invoke(0));
    CHECK(pool.release(1ms) == Errc::timeout);
    CHECK(pool.is_closed());
    CHECK(pool.invoke(0) == Errc::pool_closed);
    gate.open();
    CHECK_FALSE(pool.release(kHang));
    pool.reboot();
    CHECK_FALSE(pool.invoke(0));
    CHECK(eventually([&] { return pool.statistics().completed == 4; }));
    CHECK(pool.workers().size() == 3);
}

}  // namespace
}  // namespace ants
