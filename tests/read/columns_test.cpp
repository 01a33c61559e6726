#include "read/columns.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "read/support.hpp"
#include "read/trim.hpp"

namespace antsrun {
namespace {

TEST_CASE("columns: trim") {
    struct Case {
        Trim sides;
        const char* left;
    };
    const std::vector<Case> cases{{Trim::none, " \t a  b\n "},
                                  {Trim::left, "a  b\n "},
                                  {Trim::right, " \t a  b"},
                                  {Trim::both, "a  b"}};
    for (const Case& c : cases) {
        std::string value = " \t a  b\n ";
        trim(value, c.sides);
        CHECK(value == c.left);
        std::string blank = " \t\r\v\f\n";
        trim(blank, c.sides);
        CHECK(blank.empty() == (c.sides != Trim::none));
    }
}

TEST_CASE("columns: split, then trimmed") {
    const auto comma = Separator::parse(",");
    Columns columns(given({" a , b ", "x", ""}), *comma, Trim::both);
    CHECK(rows_of(columns) == Rows{{"a", "b"}, {"x"}, {""}});
    Columns untrimmed(given({" a , b "}), *comma, Trim::none);
    CHECK(rows_of(untrimmed) == Rows{{" a ", " b "}});
    Columns whole(given({" a , b "}), {}, Trim::left);
    CHECK(rows_of(whole) == Rows{{"a , b "}});
    Columns csv(given({"a;\" b;\""}), CsvSeparator{';'}, Trim::none);
    CHECK(rows_of(csv) == Rows{{"a", " b;"}});
}

TEST_CASE("columns: a record with a problem stays as it is, one that cannot be split gets one") {
    const std::string longer(Separator::kLongest + 1, 'x');
    std::vector<Record> lines{{{"a,b"}, nullptr, "broken"}, {{longer}, nullptr, {}}};
    Columns columns(std::make_unique<Given>(lines), *Separator::parse("(,)"), Trim::both);
    const auto records = records_of(columns);
    REQUIRE(records.size() == 2);
    CHECK(records[0].problem == "broken");
    CHECK(records[0].fields == Texts{"a,b"});
    CHECK(records[1].problem.find("longer than 4096 bytes") == 0);
    CHECK(records[1].fields.size() == 1);
}

}  // namespace
}  // namespace antsrun
