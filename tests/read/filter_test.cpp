#include "read/filter.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "read/support.hpp"

namespace antsrun {
namespace {

Texts filtered(const Texts& values, const std::string& end_string, bool drop_blank) {
    Filter filter(given(values), end_string, drop_blank);
    Texts texts;
    for (const Texts& row : rows_of(filter)) {
        texts.push_back(row.front());
    }
    return texts;
}

TEST_CASE("filter: an end string") {
    CHECK(filtered({"a", "STOP", "b"}, "STOP", false) == Texts{"a"});
    CHECK(filtered({"a", " STOP", "STOP ", "STOP,", "stop"}, "STOP", false).size() == 5);
    CHECK(filtered({"a", "", "b"}, "", false) == Texts{"a", "", "b"});
    int asked = 0;
    Filter filter(std::make_unique<Given>(Rows{{"STOP"}, {"b"}}, "", &asked), "STOP", false);
    CHECK(records_of(filter).empty());
    CHECK(records_of(filter).empty());
    CHECK(asked == 1);
}

TEST_CASE("filter: blank records") {
    CHECK(filtered({"", " \t\r\v\f\n", " a ", "0"}, "", true) == Texts{" a ", "0"});
    CHECK(filtered({"", " "}, "", false) == Texts{"", " "});
}

TEST_CASE("filter: a problem is neither blank nor an end") {
    Filter filter(std::make_unique<Given>(
                      std::vector<Record>{{{"E"}, nullptr, "one"}, {{""}, nullptr, "two"}}),
                  "E", true);
    CHECK(records_of(filter).size() == 2);
}

}  // namespace
}  // namespace antsrun
