#include "read/xargs_items.hpp"

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

using Unit = XargsItemsConfig::Unit;

// The records as "a,b|c", with "!error" at the end if there is one.
std::string items(std::string_view input, Unit unit = Unit::items, std::string end = "") {
    const char* const name = "xargs_items_test.txt";
    std::FILE* const file = std::fopen(name, "w");
    REQUIRE(file != nullptr);
    std::fwrite(input.data(), 1, input.size(), file);
    std::fclose(file);
    auto source = XargsItems::open(name, {unit, std::move(end)});
    ::unlink(name);
    REQUIRE(source);
    ants::Carrier carrier;
    std::string text;
    bool is_first = true;
    while (auto record = carrier.run((*source)->next())) {
        text += std::exchange(is_first, false) ? "" : "|";
        for (const std::string& field : record->fields) {
            text += &field == record->fields.data() ? field : "," + field;
        }
        text += record->problem.empty() ? "" : "!";
    }
    const std::string error = (*source)->error();
    return error.empty() ? text : text + "!" + error.substr(0, error.find(';'));
}

TEST_CASE("xargs items: between blanks and newlines") {
    CHECK(items("a b\tc\n\n d  \ne") == "a|b|c|d|e");
    CHECK(items("") == "");
    CHECK(items(" \n\t\n") == "");
    CHECK(items("a\r\nb") == "a\r|b");
}

TEST_CASE("xargs items: quotes and backslashes protect") {
    CHECK(items(R"(a "b c" 'd e'f \  \\ \" "'" '"')") == R"(a|b c|d ef| |\|"|'|")");
    CHECK(items("a\\\nb") == "a\nb");
    CHECK(items("'' a\"\"") == "|a");
    CHECK(items("x \"y\nz") == "x!unmatched double quote");
    CHECK(items("x 'y") == "x!unmatched single quote");
    CHECK(items("a\\") == "a");
}

TEST_CASE("xargs items: lines") {
    CHECK(items("a b\n\nc \nd\ne", Unit::lines) == "a,b|c,d|e");
    CHECK(items("a \n\nb", Unit::lines) == "a|b");
    CHECK(items("a ", Unit::lines) == "a");
}

TEST_CASE("xargs items: a line as a whole, without the blanks it begins with") {
    CHECK(items("  a b  \n\n c\"d e\"\n", Unit::as_whole) == "a b  |cd e");
    CHECK(items("'a' \\'b", Unit::as_whole) == "a 'b");
}

TEST_CASE("xargs items: an end") {
    CHECK(items("a b E c", Unit::items, "E") == "a|b");
    CHECK(items("a b\nc E d\n", Unit::lines, "E") == "a,b|c");
    CHECK(items("a\nE\nb", Unit::as_whole, "E") == "a");
    CHECK(items("a EE", Unit::items, "E") == "a|EE");
}

TEST_CASE("xargs items: a NUL is no part of an item") {
    CHECK(items(std::string_view("a\0b c", 5)) == std::string("a\0b!|c", 6));
}

}  // namespace
}  // namespace antsrun
