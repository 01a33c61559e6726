#include "dispatch/time_limit.hpp"

#include <doctest/doctest.h>

namespace antsrun {
namespace {

using namespace std::chrono_literals;

TEST_CASE("time limit: none, and a fixed one") {
    TimeLimit none({});
    CHECK(!none.note_success(1s));
    CHECK(!none.limit());
    TimeLimit fixed({2s, 0});
    CHECK(!fixed.note_success(1s));
    CHECK(fixed.limit() == 2s);
}

TEST_CASE("time limit: a percentage of the median") {
    TimeLimit limit({std::nullopt, 200});
    CHECK(!limit.note_success(1s));
    CHECK(!limit.note_success(9s));
    CHECK(!limit.limit());  // of two jobs nobody can tell
    CHECK(limit.note_success(2s));
    CHECK(limit.limit() == 4s);
    CHECK(!limit.note_success(2s));  // the same
    CHECK(!limit.note_success(8s));  // 1 2 2 8 9
    CHECK(limit.note_success(8s));   // 1 2 2 8 8 9
    CHECK(limit.limit() == 16s);
}

TEST_CASE("time limit: old jobs do not count for ever") {
    TimeLimit limit({std::nullopt, 100});
    for (std::size_t i = 0; i < TimeLimit::kMost; ++i) {
        limit.note_success(1s);
    }
    for (std::size_t i = 0; i < TimeLimit::kMost / 2 + 1; ++i) {
        limit.note_success(5s);
    }
    CHECK(limit.limit() == 5s);
}

}  // namespace
}  // namespace antsrun
