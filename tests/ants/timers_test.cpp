#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "ants/carrier.hpp"

namespace {

using ants::Deadline;
using ants::detail::Event;
using ants::detail::Timer;
using ants::detail::Timers;

struct TestTimer : Timer {
    TestTimer() : Timer([](Event&) noexcept {}) {}
};

Deadline at(int ticks) { return Deadline(ants::Clock::duration(ticks)); }

std::vector<int> all_due(Timers& timers, int now) {
    std::vector<int> due;
    while (const Timer* const timer = timers.take_due(at(now))) {
        due.push_back(static_cast<int>(timer->deadline.time_since_epoch().count()));
    }
    return due;
}

}  // namespace

TEST_SUITE_BEGIN("ants");

TEST_CASE("timers: due ones come in order, the others stay") {
    Timers timers;
    TestTimer all[6];
    const int deadlines[] = {50, 20, 60, 10, 40, 30};
    for (int i = 0; i < 6; ++i) {
        timers.add(all[i], at(deadlines[i]));
    }
    CHECK(timers.earliest() == at(10));
    CHECK(all_due(timers, 9).empty());
    CHECK(all_due(timers, 35) == std::vector<int>{10, 20, 30});
    CHECK(timers.earliest() == at(40));
    CHECK(all_due(timers, 100) == std::vector<int>{40, 50, 60});
    CHECK(timers.is_empty());
    CHECK(timers.earliest() == ants::kNever);
}

TEST_CASE("timers: a removed one does not come; removing twice is nothing") {
    Timers timers;
    TestTimer in_run;
    TestTimer in_heap;
    TestTimer stays;
    timers.add(in_run, at(20));
    timers.add(in_heap, at(10));
    timers.add(stays, at(30));
    timers.remove(in_heap);
    timers.remove(in_run);
    timers.remove(in_run);
    CHECK(all_due(timers, 100) == std::vector<int>{30});
}

// Against a sorted list, with many equal deadlines.
TEST_CASE("timers: any mix of adding, removing and taking") {
    std::mt19937 random(7);
    Timers timers;
    std::vector<std::unique_ptr<TestTimer>> armed;
    int now = 0;
    for (int step = 0; step < 50'000; ++step) {
        const unsigned what = random() % 8;
        if (what < 4) {
            armed.push_back(std::make_unique<TestTimer>());
            timers.add(*armed.back(), at(now + static_cast<int>(random() % 200)));
        } else if (what < 6 && !armed.empty()) {
            std::swap(armed[random() % armed.size()], armed.back());
            timers.remove(*armed.back());
            armed.pop_back();
        } else {
            now += static_cast<int>(random() % 20);
            std::vector<int> expected;
            std::erase_if(armed, [&](const auto& timer) {
                const auto ticks = static_cast<int>(timer->deadline.time_since_epoch().count());
                if (ticks > now) {
                    return false;
                }
                expected.push_back(ticks);
                timers.remove(*timer);
                timers.add(*timer, at(ticks));  // in again, from another side
                return false;
            });
            std::sort(expected.begin(), expected.end());
            REQUIRE(all_due(timers, now) == expected);
            std::erase_if(armed, [&](const auto& timer) { return timer->deadline <= at(now); });
        }
        const auto first = std::min_element(
            armed.begin(), armed.end(),
            [](const auto& a, const auto& b) { return a->deadline < b->deadline; });
        REQUIRE(timers.earliest() == (armed.empty() ? ants::kNever : (*first)->deadline));
    }
}

TEST_SUITE_END();
