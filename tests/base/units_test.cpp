#include "base/units.hpp"

#include <doctest/doctest.h>

#include <string>

namespace antsrun {
namespace {

using namespace std::chrono_literals;

TEST_CASE("units: durations") {
    struct Row {
        std::string text;
        std::chrono::nanoseconds expected;
    };
    const Row rows[] = {{"0", 0s},       {"1.5", 1500ms},
                        {".5", 500ms},   {"300ms", 300ms},
                        {"2s", 2s},      {"1m30s", 90s},
                        {"1h", 1h},      {"1d", 24h},
                        {"1.5h", 90min}, {"1d2h3m4s5ms", 93784005ms}};
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_duration(row.text) == row.expected);
    }
}

TEST_CASE("units: what is no duration") {
    for (const std::string text : {"", "s", "-1", "+1", "1x", "1 s", "1m30", "30s1m", "1s1s", "inf",
                                   "nan", "1e3", "0x10", ".", "1..5", "1.5.5ms", "1S", "40000d"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("units: sizes") {
    CHECK(parse_size("0") == 0U);
    CHECK(parse_size("512") == 512U);
    CHECK(parse_size("10k") == 10000U);
    CHECK(parse_size("10K") == 10240U);
    CHECK(parse_size("1.5M") == 1572864U);
    CHECK(parse_size("2G") == 2147483648U);
    CHECK(parse_size("1t") == 1000000000000U);
    CHECK(parse_size("1T") == 1099511627776U);
    for (const std::string text :
         {"", "k", "-1", "1kk", "1kB", "1x", "1 k", "nan", "1e3", "9000T"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
}

}  // namespace
}  // namespace antsrun
