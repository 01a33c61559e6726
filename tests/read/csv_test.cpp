#include "read/csv.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "read/support.hpp"

namespace antsrun {
namespace {

std::vector<Record> joined(const Texts& lines, std::optional<std::string> joint = "\n") {
    CsvRecords records(given(lines), {',', std::move(joint), "line", "'t.csv'"});
    return records_of(records);
}

Texts texts_of(const std::vector<Record>& records) {
    Texts texts;
    for (const Record& record : records) {
        CHECK(record.problem.empty());
        texts.push_back(record.fields.front());
    }
    return texts;
}

TEST_CASE("csv: columns") {
    struct Case {
        const char* text;
        Texts columns;
    };
    // RFC 4180, section 2, rules 4 to 7, then the edges.
    const std::vector<Case> cases{
        {"aaa,bbb,ccc", {"aaa", "bbb", "ccc"}},
        {" a , b ", {" a ", " b "}},
        {R"("aaa","bbb",ccc)", {"aaa", "bbb", "ccc"}},
        {"\"aaa\",\"b\nbb\",\"c,c\"", {"aaa", "b\nbb", "c,c"}},
        {R"("aaa","b""bb")", {"aaa", "b\"bb"}},
        {R"(a,"b ""q"" c")", {"a", "b \"q\" c"}},
        {R"("","""",)", {"", "\"", ""}},
        {R"("""a""")", {"\"a\""}},
        {",", {"", ""}},
        {"", {""}},
    };
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(split_csv(c.text, ',') == c.columns);
    }
    CHECK(split_csv("a,b;\"c;d\"", ';') == Texts{"a,b", "c;d"});
}

TEST_CASE("csv: a quoted column goes on over lines") {
    CHECK(texts_of(joined({"a,\"b", "c\",d", "e"})) == Texts{"a,\"b\nc\",d", "e"});
    CHECK(texts_of(joined({"\"", "", "\"\"", "\"", "x"})) == Texts{"\"\n\n\"\"\n\"", "x"});
    CHECK(texts_of(joined({"\"a\"\"", "b\""})) == Texts{"\"a\"\"\nb\""});
    CHECK(texts_of(joined({"\"a\"", "\"\"", "b"})) == Texts{"\"a\"", "\"\"", "b"});
}

TEST_CASE("csv: a quote that is not closed names the line where its record began") {
    const auto records = joined({"a", "\"b", "c\"", "d", "e,\"f", "g"});
    REQUIRE(records.size() == 4);
    CHECK(records[2].problem.empty());
    CHECK(records[3].problem == "line 5 of 't.csv': a quote is not closed");
    // Where nothing can be joined, each piece must be whole.
    const auto apart = joined({"\"a", "b"}, std::nullopt);
    REQUIRE(apart.size() == 2);
    CHECK(apart[0].problem == "line 1 of 't.csv': a quote is not closed");
    CHECK(apart[1].problem.empty());
}

TEST_CASE("csv: what is not well-formed is refused and takes no other line with it") {
    const Texts lines{"a\"b,c", "\"a\"b,c", " \"a\"", "\"a\" ,b", "\"a\"b\""};
    for (const std::string& line : lines) {
        CAPTURE(line);
        const auto records = joined({"fine", line, "last"});
        REQUIRE(records.size() == 3);
        CHECK(records[1].problem.find("line 2 of 't.csv': not CSV: ") == 0);
        CHECK(records[2].problem.empty());
    }
}

TEST_CASE("csv: a byte order mark is no part of the first column") {
    CHECK(texts_of(joined({"\xEF\xBB\xBF\"a\",b", "\xEF\xBB\xBF"})) ==
          Texts{"\"a\",b", "\xEF\xBB\xBF"});
}

TEST_CASE("csv: the problem of a line is that of its record") {
    std::vector<Record> lines{{{"x"}, nullptr, "of x"},
                              {{"\"a"}, nullptr, {}},
                              {{"b"}, nullptr, "of b"},
                              {{"c\""}, nullptr, "of c"},
                              {{"d"}, nullptr, {}}};
    CsvRecords joining(std::make_unique<Given>(lines), {',', "\n", "line", "'t.csv'"});
    const auto records = records_of(joining);
    REQUIRE(records.size() == 3);
    CHECK(records[0].problem == "of x");
    CHECK(records[1].problem == "of b");
    CHECK(records[2].fields.front() == "d");
}

TEST_CASE("csv: a stray quote does not take the whole input into memory") {
    Texts lines{"\"a"};
    lines.resize(4, std::string(500'000, 'x'));
    lines.push_back("\"");
    lines.push_back("last");
    const auto records = joined(lines);
    REQUIRE(records.size() == 2);
    CHECK(records[0].problem.find("line 1 of 't.csv': longer than 1 MiB") == 0);
    CHECK(records[0].fields.front().size() <= 4096);
    CHECK(records[1].fields.front() == "last");
}

}  // namespace
}  // namespace antsrun
