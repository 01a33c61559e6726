// What happens to exceptions that leave a task.
#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support.hpp"

namespace ants {
namespace {

using Lines = std::vector<std::string>;

// What a pool logs.
class Log {
public:
    std::function<void(std::string_view)> logger() {
        return [this](std::string_view line) { add(line); };
    }
    void add(std::string_view line) {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
    }
    Lines lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    Lines lines_;
};

std::string text_of(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        return error.what();
    }
}

TEST_CASE("panic: the handler gets what left") {
    Log log;
    Pool pool(1,
              {.panic_handler = [&](const std::exception_ptr& what) { log.add(text_of(what)); }});

    SUBCASE("a plain task") {
        REQUIRE_FALSE(pool.submit([] { panic(); }));
    }
    SUBCASE("a coroutine that never parked") {
        REQUIRE_FALSE(pool.submit([]() -> Task<> {
            panic();
            co_return;
        }));
    }
    SUBCASE("a coroutine after a co_await") {
        REQUIRE_FALSE(pool.submit([] { return panic_later(); }));
    }
    SUBCASE("a function that returns a task, before there is one") {
        REQUIRE_FALSE(pool.submit([]() -> Task<> { panic(); }));
    }
    REQUIRE(eventually([&] { return is_quiet(pool); }));
    CHECK(log.lines() == Lines{"boom"});
    CHECK(pool.statistics().panicked == 1);
    CHECK(pool.running() == 0);  // it ended its worker
    CHECK(next_worker(pool) == 1);
    CHECK(pool.statistics().spawned == 2);
    CHECK(pool.statistics().panicked == 1);
}

TEST_CASE("panic: other tasks are left alone") {
    Gate gate;
    std::atomic<int> panics{0};
    Pool pool(4, {.panic_handler = [&](const std::exception_ptr&) { ++panics; }});
    REQUIRE(hold(pool, 2, gate));
    for (int i = 0; i < 500; ++i) {
        REQUIRE_FALSE(pool.submit([] { panic(); }));
        REQUIRE_FALSE(pool.submit([] { return panic_later(); }));
    }
    CHECK(eventually([&] { return panics == 1'000; }));
    gate.open();
    CHECK_FALSE(pool.release(kHang));
    CHECK(gate.left() == 2);
}

TEST_CASE("panic: the next one in line gets the place") {
    Gate gate;
    std::atomic<bool> has_run{false};
    Pool pool(1, {.panic_handler = [](const std::exception_ptr&) {}});
    REQUIRE_FALSE(pool.submit([&gate]() -> Task<> {
        co_await gate.park();
        panic();
    }));
    std::jthread next([&] { CHECK_FALSE(pool.submit([&] { has_run = true; })); });
    REQUIRE(eventually([&] { return pool.waiting() == 1; }));
    gate.open();
    CHECK(eventually([&] { return has_run.load(); }));
}

TEST_CASE("panic: the log") {
    Log log;
    Options options{.logger = log.logger()};

    SUBCASE("has it if there is no handler, with worker and text") {
        Pool pool(1, options);
        REQUIRE_FALSE(pool.submit([] { panic(); }));
        REQUIRE(eventually([&] { return is_quiet(pool); }));
        CHECK(log.lines() == Lines{"ants: worker 1 panicked: boom"});
    }
    SUBCASE("has what is no std::exception") {
        Pool pool(1, options);
        REQUIRE_FALSE(pool.submit([] { throw 7; }));
        REQUIRE(eventually([&] { return is_quiet(pool); }));
        CHECK(log.lines() == Lines{"ants: worker 1 panicked: not a std::exception"});
    }
    SUBCASE("has it if the handler throws, and the pool goes on") {
        options.panic_handler = [](const std::exception_ptr&) { panic(); };
        Pool pool(1, options);
        REQUIRE_FALSE(pool.submit([] { panic(); }));
        CHECK(next_worker(pool) == 1);
        CHECK(log.lines() == Lines{"ants: the panic handler threw: boom"});
    }
}

TEST_CASE("panic: the handler may use the pool") {
    std::atomic<bool> has_run{false};
    Pool* target = nullptr;
    Pool pool(2, {.panic_handler = [&](const std::exception_ptr&) {
                  CHECK_FALSE(target->submit([&] { has_run = true; }));
              }});
    target = &pool;
    REQUIRE_FALSE(pool.submit([] { panic(); }));
    CHECK(eventually([&] { return has_run.load(); }));
}

// What is written to standard error meanwhile.
template <class Action>
std::string standard_error_of(Action action) {
    std::FILE* const file = std::tmpfile();
    REQUIRE(file != nullptr);
    const int before = ::dup(2);
    ::dup2(::fileno(file), 2);
    action();
    ::dup2(before, 2);
    ::close(before);
    std::array<char, 200> text{};
    std::rewind(file);
    const std::size_t size = std::fread(text.data(), 1, text.size(), file);
    std::fclose(file);
    return {text.data(), size};
}

TEST_CASE("panic: the log is standard error by default, also when the logger throws") {
    const auto panic_once = [](const Options& options) {
        return standard_error_of([&] {
            Pool pool(1, options);
            CHECK_FALSE(pool.submit([] { panic(); }));
            CHECK(eventually([&] { return is_quiet(pool); }));
        });
    };
    CHECK(panic_once({}) == "ants: worker 1 panicked: boom\n");
    CHECK(panic_once({.logger = [](std::string_view) { panic(); }}) == "ants: the logger threw\n");
}

}  // namespace
}  // namespace ants
