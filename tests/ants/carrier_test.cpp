#include "ants/carrier.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "ants/wait.hpp"
#include "gate.hpp"

namespace {

using namespace std::chrono_literals;

ants::Task<> nothing() { co_return; }

ants::Task<> note(std::vector<int>& order, int value) {
    order.push_back(value);
    co_return;
}

ants::Task<> yield_until(const bool& flag) {
    while (!flag) {
        co_await ants::yield();
    }
}

ants::Task<> set_after_a_while(bool& flag) {
    co_await ants::sleep_for(1ms);
    flag = true;
}

ants::Task<ants::Carrier*> where_am_i() { co_return ants::Carrier::current(); }

ants::Task<> fail() {
    throw std::runtime_error("broken");
    co_return;
}

ants::Task<> wait_for(ants::Notice& notice) {
    while (!notice.take()) {
        co_await ants::poll({}, ants::kNever, &notice);
    }
}

}  // namespace

TEST_SUITE_BEGIN("ants");

TEST_CASE("carrier: run ends with its task, and can be called again") {
    ants::Carrier carrier;
    for (int i = 0; i < 3; ++i) {
        carrier.run(nothing());
        CHECK_THROWS_WITH(carrier.run(fail()), "broken");
    }
}

TEST_CASE("carrier: current is the one that runs here") {
    ants::Carrier carrier;
    CHECK(ants::Carrier::current() == nullptr);
    CHECK(carrier.run(where_am_i()) == &carrier);
    CHECK(ants::Carrier::current() == nullptr);
}

TEST_CASE("carrier: spawned tasks run in order, before what comes later") {
    ants::Carrier carrier;
    std::vector<int> order;
    carrier.spawn(note(order, 1));
    carrier.spawn(note(order, 2));
    carrier.run(note(order, 3));
    CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("carrier: what has not ended goes on with the next run") {
    ants::Carrier carrier;
    bool flag = false;
    carrier.spawn(set_after_a_while(flag));
    carrier.run(nothing());
    CHECK_FALSE(flag);
    carrier.run(yield_until(flag));
    CHECK(flag);
}

TEST_CASE("carrier: the destructor destroys what never started") {
    bool flag = false;
    {
        ants::Carrier carrier;
        carrier.spawn(set_after_a_while(flag));
    }
    CHECK_FALSE(flag);
}

TEST_CASE("carrier: a busy loop still looks at timers") {
    ants::Carrier carrier;
    bool flag = false;
    carrier.spawn(set_after_a_while(flag));
    for (int i = 0; i < 100; ++i) {
        carrier.spawn(yield_until(flag));
    }
    carrier.run(yield_until(flag));
    CHECK(flag);
}

TEST_CASE("carrier: woken by another thread, it may be gone before that thread has returned") {
    for (int i = 0; i < 2'000; ++i) {
        const auto notice = std::make_shared<ants::Notice>();
        std::thread other;
        {
            ants::Carrier carrier;
            other = std::thread([notice] { notice->set(); });
            carrier.run(wait_for(*notice));
        }
        other.join();
    }
}

TEST_SUITE_END();
