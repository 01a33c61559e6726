#include "dispatch/gate.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

using namespace std::chrono_literals;

ants::Clock::duration time_of(ants::Carrier& carrier, Gate& gate) {
    const auto before = ants::Clock::now();
    carrier.run(gate.opens(1));
    return ants::Clock::now() - before;
}

TEST_CASE("gate: without conditions it is open") {
    Gate gate({});
    CHECK(gate.is_always_open());
    ants::Carrier carrier;
    carrier.run(gate.opens(0));
    gate.note_start();
    carrier.run(gate.opens(0));
}

TEST_CASE("gate: a delay is between starts") {
    GateConfig config;
    config.delay = 30ms;
    Gate gate(config);
    CHECK_FALSE(gate.is_always_open());
    ants::Carrier carrier;
    carrier.run(gate.opens(0));  // the first one need not wait
    gate.note_start();
    CHECK(time_of(carrier, gate) >= 29ms);
}

TEST_CASE("gate: jobs wait while the load is too high or memory too low") {
    int looks = 0;
    GateConfig config;
    config.most_load = 2;
    config.least_memory = 100;
    config.load = [&] { return std::optional(++looks < 2 ? 2.5 : 2.0); };
    config.memory = [&] { return std::optional<std::uint64_t>(looks < 3 ? 99 : 100); };
    std::string said;
    config.say = [&](std::string_view text) { said += text; };
    Gate gate(config);
    ants::Carrier carrier;
    CHECK(time_of(carrier, gate) >= 2 * Gate::kLookAgain - 1ms);
    CHECK(looks == 3);
    CHECK(said == "");  // a job runs
    gate.note_start();
    CHECK(time_of(carrier, gate) >= Gate::kSettle - 1ms);
}

TEST_CASE("gate: says once why nothing starts, if nothing runs; what is unknown is no reason") {
    int looks = 0;
    GateConfig config;
    config.most_load = 1;
    config.load = [&] { return ++looks < 3 ? std::optional(9.0) : std::nullopt; };
    std::string said;
    config.say = [&](std::string_view text) { said += text; };
    Gate gate(config);
    ants::Carrier carrier;
    carrier.run(gate.opens(0));
    CHECK(said == "antsrun: no job starts: the load is above --load\n");
}

TEST_CASE("gate: once it is closed nobody waits") {
    GateConfig config;
    config.delay = 24h;
    Gate gate(config);
    gate.note_start();
    ants::Carrier carrier;
    const auto close_soon = [&]() -> ants::Task<> {
        co_await ants::yield();
        gate.close();
    };
    carrier.spawn(close_soon());
    carrier.run(gate.opens(0));
    carrier.run(gate.opens(0));
}

}  // namespace
}  // namespace antsrun
