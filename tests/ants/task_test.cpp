#include "ants/task.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "ants/wait.hpp"
#include "gate.hpp"

namespace {

ants::Task<int> three() { co_return 3; }

ants::Task<int> three_later() {
    co_await ants::yield();
    co_return 3;
}

ants::Task<> fail_at_once() {
    throw std::runtime_error("broken");
    co_return;
}

ants::Task<> fail_later() {
    co_await ants::yield();
    throw std::runtime_error("broken later");
}

ants::Task<std::string> message_of(ants::Task<> task) {
    std::string message = "none";
    try {
        co_await task;
    } catch (const std::runtime_error& error) {
        message = error.what();
    }
    co_return message;
}

ants::Task<std::unique_ptr<int>> move_only() { co_return std::make_unique<int>(7); }

ants::Task<long> sum(int count, ants::Task<int> (*make)()) {
    long total = 0;
    for (int i = 0; i < count; ++i) {
        total += co_await make();
    }
    co_return total;
}

ants::Task<int> depth(int levels) {
    if (levels == 0) {
        co_await ants::yield();
        co_return 0;
    }
    co_return 1 + co_await depth(levels - 1);
}

ants::Task<> mark(bool& flag) {
    flag = true;
    co_return;
}

ants::Task<> hold(bool& destroyed) {
    const DestructionFlag flag(destroyed);
    co_await ants::sleep_for(std::chrono::hours(1));
}

}  // namespace

TEST_SUITE_BEGIN("ants");

TEST_CASE("task: values and exceptions reach the one who awaits") {
    ants::Carrier carrier;
    CHECK(carrier.run(three()) == 3);
    CHECK(carrier.run(three_later()) == 3);
    CHECK(*carrier.run(move_only()) == 7);
    CHECK(carrier.run(message_of(fail_at_once())) == "broken");
    CHECK(carrier.run(message_of(fail_later())) == "broken later");
}

TEST_CASE("task: starts when it is awaited") {
    ants::Carrier carrier;
    bool started = false;
    ants::Task<> task = mark(started);
    CHECK_FALSE(started);
    carrier.run(std::move(task));
    CHECK(started);
}

TEST_CASE("task: not awaited, it is destroyed without having run") {
    bool started = false;
    {
        const ants::Task<> task = mark(started);
        const ants::Task<> none;
    }
    CHECK_FALSE(started);
}

TEST_CASE("task: assigning destroys what was there") {
    ants::Carrier carrier;
    bool first = false;
    bool second = false;
    ants::Task<> task = mark(first);
    task = mark(second);
    carrier.run(std::move(task));
    CHECK_FALSE(first);
    CHECK(second);
}

TEST_CASE("task: a million, one after another, take no stack") {
    ants::Carrier carrier;
    CHECK(carrier.run(sum(1'000'000, three)) == 3'000'000);
    CHECK(carrier.run(sum(100'000, three_later)) == 300'000);
}

TEST_CASE("task: one inside the other") {
    ants::Carrier carrier;
    CHECK(carrier.run(depth(500)) == 500);
}

TEST_CASE("task: destroying it where it is parked destroys what it holds") {
    bool destroyed = false;
    {
        ants::Carrier carrier;
        carrier.spawn(hold(destroyed));
        carrier.run(three_later());
        CHECK_FALSE(destroyed);
    }
    CHECK(destroyed);
}

TEST_SUITE_END();
