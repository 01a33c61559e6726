#include "read/separator.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "read/support.hpp"

namespace antsrun {
namespace {

Texts split(const std::string& pattern, std::string_view text) {
    CAPTURE(pattern);
    const auto separator = Separator::parse(pattern);
    REQUIRE(separator);
    const auto columns = separator->split(text);
    REQUIRE(columns);
    return *columns;
}

TEST_CASE("separator: splits as GNU parallel does") {
    struct Case {
        const char* pattern;
        const char* text;
        Texts columns;
    };
    const std::vector<Case> cases{
        {",", "a,b", {"a", "b"}},
        {",", "x,,y", {"x", "", "y"}},
        {",", ",a,", {"", "a", ""}},
        {",", ",", {"", ""}},
        {",", "", {""}},
        {"<>", "a<>b<><c", {"a", "b", "<c"}},
        {"\\t", "a\tb c", {"a", "b c"}},
        {"\\|", "a|b", {"a", "b"}},
        {"\\.\\\\", "a.\\b", {"a", "b"}},
        {".", "a.b", {"", "", "", ""}},
        {" ", "a  b c", {"a", "", "b", "c"}},
        {"\\s+", " a  b\t c", {"", "a", "b", "c"}},
        {"[,;]+", "a,;b", {"a", "b"}},
        {"[,;]", "a,;b", {"a", "", "b"}},
        {"^a", "aab", {"", "ab"}},
        {"a$", "aba", {"ab", ""}},
        {"(?:,|;)", "a,b;c", {"a", "b", "c"}},
        // What matches nothing separates characters.
        {"", "abc", {"a", "b", "c"}},
        {"|", "a|b", {"a", "|", "b"}},
        {"x*", "axxbc", {"a", "b", "c"}},
        {"(x|y)*", "axyb", {"a", "b"}},
        {"", "", {""}},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(split(c.pattern, c.text) == c.columns);
    }
}

TEST_CASE("separator: groups are not columns") {
    CHECK(split("(,|;)", "a,b;c") == Texts{"a", "b", "c"});
}

TEST_CASE("separator: what is not simple is left to std::regex") {
    CHECK(split("[\\t-\\r]", "a\nb-c") == Texts{"a", "b-c"});
    CHECK(split(",{2}", "a,,b,c") == Texts{"a", "b,c"});
    CHECK(split("[[:space:]]", "a b") == Texts{"a", "b"});
    CHECK(split("\\bb", "ab b") == Texts{"ab ", ""});
}

TEST_CASE("separator: what is no regular expression is an error that shows it") {
    for (const char* pattern : {"[", "*", "(", "a{", "\\", "[b-a]"}) {
        const auto separator = Separator::parse(pattern);
        REQUIRE_FALSE(separator);
        const std::string shown = "'" + std::string(pattern) + "' is not a regular expression: ";
        CHECK(separator.error().message().starts_with(shown));
    }
}

TEST_CASE("separator: a long text costs no stack, whatever it takes") {
    const std::string blanks(1'000'000, ' ');
    CHECK(split("\\s+", "a" + blanks + "b") == Texts{"a", "b"});
    CHECK(split(",", blanks + "," + blanks) == Texts{blanks, blanks});
    const auto columns = Separator::parse("( |,)+")->split("a" + blanks + "b");
    REQUIRE_FALSE(columns);
    CHECK(columns.error().message() ==
          "longer than 4096 bytes, too long to be split at this regular expression");
    CHECK(split("( |,)+", "a" + blanks.substr(0, Separator::kLongest - 2) + "b") ==
          Texts{"a", "b"});
}

TEST_CASE("separator: a literal is known as one") {
    CHECK(Separator::parse("\\|")->literal() == "|");
    CHECK(Separator::parse("\\t")->literal() == "\t");
    CHECK(Separator::parse("[,]")->literal() == ",");
    CHECK_FALSE(Separator::parse(",+")->literal());
    CHECK_FALSE(Separator::parse("[,;]")->literal());
    CHECK_FALSE(Separator::parse("(,)")->literal());
}

}  // namespace
}  // namespace antsrun
