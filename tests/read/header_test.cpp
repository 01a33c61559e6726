#include "read/header.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "read/support.hpp"

namespace antsrun {
namespace {

TEST_CASE("header: the first record names the fields of the others") {
    Header header(std::make_unique<Given>(Rows{{"x", "y"}, {"1", "2"}, {"3"}}));
    const auto records = records_of(header);
    REQUIRE(records.size() == 2);
    CHECK(records[0].fields == Texts{"1", "2"});
    REQUIRE(records[0].names);
    CHECK(*records[0].names == Texts{"x", "y"});
    CHECK(records[1].names == records[0].names);  // shared
}

TEST_CASE("header: alone, or not even that") {
    Header alone(given({"x"}));
    CHECK(records_of(alone).empty());
    CHECK(alone.error().empty());
    Header nothing(given({}));
    CHECK(records_of(nothing).empty());
    CHECK(records_of(nothing).empty());
}

TEST_CASE("header: one that cannot be read is an error, and no record is given out") {
    Header header(std::make_unique<Given>(
        std::vector<Record>{{{"x"}, nullptr, "line 1: bad"}, {{"1"}, nullptr, {}}}));
    CHECK(records_of(header).empty());
    CHECK(header.error() == "line 1: bad");
    Header unreadable(std::make_unique<Given>(Rows{{"x"}}, "cannot read"));
    CHECK(records_of(unreadable).empty());
    CHECK(unreadable.error() == "cannot read");
}

}  // namespace
}  // namespace antsrun
