#include "dispatch/retry.hpp"

#include <doctest/doctest.h>

namespace antsrun {
namespace {

using namespace std::chrono_literals;

TEST_CASE("retry: so many attempts in all") {
    CHECK(!may_run_again({.attempts = 1}, 1));
    CHECK(may_run_again({.attempts = 3}, 2));
    CHECK(!may_run_again({.attempts = 3}, 3));
    CHECK(may_run_again({.attempts = 0}, 1'000'000));
}

TEST_CASE("retry: the delay doubles, up to a day") {
    const RetryConfig config{.attempts = 0, .delay = 100ms};
    CHECK(delay_after(config, 1) == 100ms);
    CHECK(delay_after(config, 2) == 200ms);
    CHECK(delay_after(config, 4) == 800ms);
    CHECK(delay_after(config, 1'000'000'000) == 24h);
    CHECK(delay_after({.delay = 0s}, 1'000'000) == 0s);
    CHECK(delay_after({.delay = 48h}, 3) == 48h);
}

}  // namespace
}  // namespace antsrun
