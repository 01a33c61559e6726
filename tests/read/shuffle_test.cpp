#include "read/shuffle.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "read/support.hpp"

namespace antsrun {
namespace {

const Texts kLetters{"a", "b", "c", "d", "e", "f", "g", "h"};

std::string shuffled(const Texts& values, std::optional<std::uint64_t> seed) {
    Shuffle shuffle(given(values), seed);
    std::string text;
    for (const Texts& row : rows_of(shuffle)) {
        text += row.front();
    }
    return text;
}

TEST_CASE("shuffle: a seed means one order, here and elsewhere") {
    // From an implementation of its own of the generator and of the shuffle.
    CHECK(shuffled(kLetters, 1) == "achbfdge");
    CHECK(shuffled(kLetters, 42) == "gdecbfah");
    CHECK(shuffled({}, 1).empty());
    CHECK(shuffled({"a"}, 1) == "a");
}

TEST_CASE("shuffle: without a seed the order differs, the records do not") {
    std::map<std::string, int> orders;
    for (int i = 0; i < 20; ++i) {
        std::string order = shuffled(kLetters, std::nullopt);
        ++orders[order];
        std::ranges::sort(order);
        CHECK(order == "abcdefgh");
    }
    CHECK(orders.size() > 1);
}

TEST_CASE("shuffle: all orders are as likely") {
    std::map<std::string, int> orders;
    for (std::uint64_t seed = 0; seed < 6000; ++seed) {
        ++orders[shuffled({"a", "b", "c"}, seed)];
    }
    CHECK(orders.size() == 6);
    for (const auto& [order, times] : orders) {
        CAPTURE(order);
        CHECK(times > 850);  // 1000 expected, five standard deviations are 145
        CHECK(times < 1150);
    }
}

TEST_CASE("shuffle: problems and errors are kept") {
    Shuffle shuffle(std::make_unique<Given>(Rows{{"a"}}, "cannot read"), 1);
    CHECK(records_of(shuffle).size() == 1);
    CHECK(shuffle.error() == "cannot read");
    Shuffle problem(std::make_unique<Given>(std::vector<Record>{{{"a"}, nullptr, "bad"}}), 1);
    CHECK(records_of(problem).front().problem == "bad");
}

}  // namespace
}  // namespace antsrun
