#include "cli/capacity.hpp"

#include <doctest/doctest.h>

#include <string_view>

namespace antsrun::cli {
namespace {

TEST_CASE("-j: what can be asked for") {
    struct Row {
        std::string_view text;
        int cpus;
        int jobs;
    };
    for (const Row& row : {Row{"8", 2, 8}, Row{"1", 2, 1}, Row{"100%", 4, 4}, Row{"200%", 4, 8},
                           Row{"50%", 1, 1}, Row{"150%", 3, 4}, Row{"+2", 4, 6}, Row{"-1", 4, 3},
                           Row{"-9", 4, 1}, Row{"0", 4, 77}, Row{"1000000", 1, 1000000}}) {
        CAPTURE(row.text);
        const auto spec = parse_jobs(row.text);
        REQUIRE(spec);
        CHECK(capacity_of(*spec, row.cpus, [] { return 77; }) == row.jobs);
    }
}

TEST_CASE("-j: what is refused") {
    for (const std::string_view text :
         {"", "abc", "8x", "x8", "%", "+", "-", "--1", "+-1", "1.5", "12345678901234567890",
          "1000001", " 8", "8 ", "+5%", "0x10"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_jobs(text));
    }
}

TEST_CASE("-j: the system's limits are asked only for 0") {
    bool asked = false;
    const auto ask = [&] {
        asked = true;
        return 5;
    };
    CHECK(capacity_of({JobsSpec::Kind::percent, 100}, 2, ask) == 2);
    CHECK_FALSE(asked);
    CHECK(capacity_of({JobsSpec::Kind::maximum, 0}, 2, ask) == 5);
    CHECK(asked);
}

}  // namespace
}  // namespace antsrun::cli
