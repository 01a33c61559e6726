#include "read/records.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "read/support.hpp"

namespace antsrun {
namespace {

// Sources as on a command line: "::: a b :::+ 1 2 :::: FILE". Values are separated by blanks; "_"
// is an empty value.
std::vector<SourceSpec> specs(const std::string& line) {
    std::vector<SourceSpec> sources;
    for (std::size_t begin = 0; begin < line.size();) {
        const std::size_t end = std::min(line.find(' ', begin), line.size());
        const std::string word = line.substr(begin, end - begin);
        begin = end + 1;
        if (word.starts_with(":::")) {
            sources.push_back({word.starts_with("::::"), "", {}, word.ends_with("+")});
        } else if (sources.back().is_file) {
            sources.back().file = word;
        } else {
            sources.back().values.push_back(word == "_" ? "" : word);
        }
    }
    return sources;
}

std::unique_ptr<RecordSource> open(const std::string& line, RecordsConfig config = {}) {
    CAPTURE(line);
    config.sources = specs(line);
    auto records = open_records(std::move(config));
    REQUIRE(records);
    return std::move(*records);
}

std::string rows_read(const std::string& line, const RecordsConfig& config = {}) {
    return text_of(rows_of(*open(line, config)));
}

std::string refusal(const std::string& line, RecordsConfig config = {}) {
    config.sources = specs(line);
    const auto records = open_records(std::move(config));
    REQUIRE_FALSE(records);
    return records.error().message();
}

RecordsConfig with_colsep(const std::string& separator) {
    RecordsConfig config;
    config.column_separator = separator;
    return config;
}

TEST_CASE("records: sources are combined as GNU parallel does") {
    struct Case {
        const char* sources;
        const char* rows;
    };
    const std::vector<Case> cases{
        {"::: a b", "a b"},
        {":::", ""},
        {"::: _", ""},  // one empty record, see below
        {"::: a b ::: 1 2", "a-1 a-2 b-1 b-2"},
        {"::: a b :::+ 1 2 3", "a-1 b-2"},
        {"::: a b c :::+ 1 2", "a-1 b-2"},
        {"::: a b :::+ 1 2 ::: X Y", "a-1-X a-1-Y b-2-X b-2-Y"},
        {"::: X Y ::: a b :::+ 1 2", "X-a-1 X-b-2 Y-a-1 Y-b-2"},
        {"::: a b :::+ 1 2 3 :::+ x y z w", "a-1-x b-2-y"},
        {"::: a b :::+ 1 2 ::: X Y :::+ P Q", "a-1-X-P a-1-Y-Q b-2-X-P b-2-Y-Q"},
        {":::+ a b ::: 1 2", "a-1 a-2 b-1 b-2"},
        // Not as GNU parallel, which takes a source without values for one empty value.
        {"::: a b :::", ""},
        {"::: ::: a b", ""},
        {"::: a b :::+", ""},
        {"::: a b :::: /dev/null", ""},
    };
    for (const Case& c : cases) {
        CAPTURE(c.sources);
        CHECK(rows_read(c.sources) == c.rows);
    }
    CHECK(rows_of(*open("::: _")) == Rows{{""}});
}

TEST_CASE("records: --link") {
    RecordsConfig config;
    config.link_all = true;
    CHECK(rows_read("::: a b c ::: 1 2 ::: X", config) == "a-1-X b-2-X c-1-X");
    CHECK(rows_read("::: a b :::+ 1 2 3", config) == "a-1 b-2 a-3");
    CHECK(rows_read("::: a ::: 1 2 :::+ x y z", config) == "a-1-x a-2-y a-1-z");
    CHECK(rows_read("::: a b", config) == "a b");
    CHECK(rows_read("::: a b :::", config).empty());
}

TEST_CASE("records: files are sources too") {
    const File letters("a\nb\n");
    const File numbers("1\n2");
    CHECK(rows_read(":::: " + letters.name() + " :::: " + numbers.name()) == "a-1 a-2 b-1 b-2");
    CHECK(rows_read(":::: " + letters.name() + " ::::+ " + numbers.name()) == "a-1 b-2");
    CHECK(rows_read("::: x y :::: " + letters.name()) == "x-a x-b y-a y-b");
    RecordsConfig config;
    config.delimiter = "\n1\n";
    CHECK(rows_read(":::: " + numbers.name(), config) == "1\n2");
}

TEST_CASE("records: a source that cannot be opened is an error before any record") {
    CHECK(refusal("::: a :::: records_test.missing") ==
          "cannot open 'records_test.missing': No such file or directory");
    CHECK(refusal(":::: / ::: a") == "cannot read '/': Is a directory");
    CHECK(refusal(":::: - :::: -") == "standard input cannot be two sources");
    const auto records = open("::: a b :::: /proc/self/mem");
    CHECK(records_of(*records).empty());
    CHECK(records->error() == "cannot read '/proc/self/mem': Input/output error");
}

TEST_CASE("records: a billion combinations start at once, also while a source still arrives") {
    std::string values = " :::";
    for (int i = 0; i < 1000; ++i) {
        values += " " + std::to_string(i);
    }
    const auto many = open(values.substr(1) + values + values);
    ants::Carrier carrier;
    Record last;
    for (int i = 0; i < 1'002'003; ++i) {
        last = *carrier.run(many->next());
    }
    CHECK(last.fields == Texts{"1", "2", "2"});

    ::mkfifo("records_test.fifo", 0600);
    const auto slow = open(":::: records_test.fifo ::: a b");
    const UniqueFd writer(::open("records_test.fifo", O_WRONLY | O_CLOEXEC));
    CHECK(::write(writer.get(), "1\n", 2) == 2);
    CHECK(carrier.run(slow->next())->fields == Texts{"1", "a"});
    CHECK(carrier.run(slow->next())->fields == Texts{"1", "b"});
    ::unlink("records_test.fifo");
}

TEST_CASE("records: columns of all sources stand side by side") {
    const File tabs("a\tb\nc\td\n");
    const File commas("1,2\n3,4\n");
    CHECK(rows_read(":::: " + tabs.name() + " ::: x\ty z", with_colsep("\\t")) ==
          "a-b-x-y a-b-z c-d-x-y c-d-z");
    auto config = with_colsep("\\t");
    config.link_all = true;
    CHECK(rows_read(":::: " + tabs.name() + " ::: x\ty z", config) == "a-b-x-y c-d-z");
    CHECK(rows_read(":::: " + commas.name() + " :::: " + tabs.name(), with_colsep(",")) ==
          "1-2-a\tb 1-2-c\td 3-4-a\tb 3-4-c\td");
    CHECK(refusal("::: a", with_colsep("[")).starts_with("'[' is not a regular expression"));
}

TEST_CASE("records: what is trimmed unless told otherwise") {
    const File blanks(" a , b \n");
    const std::string source = ":::: " + blanks.name();
    CHECK(rows_read(source) == " a , b ");
    auto config = with_colsep(",");
    CHECK(rows_read(source, config) == "a-b");
    config.trim = Trim::right;
    CHECK(rows_read(source, config) == " a- b");
    config.trim = Trim::none;
    CHECK(rows_read(source, config) == " a - b ");
    RecordsConfig whole;
    whole.trim = Trim::both;
    CHECK(rows_read(source, whole) == "a , b");
    whole.trim.reset();
    whole.csv = true;
    CHECK(rows_read(source, whole) == " a - b ");
    whole.column_separator = ",";
    CHECK(rows_read(source, whole) == "a-b");
}

TEST_CASE("records: CSV") {
    const File file("n,\"t\nu\"\n1,2\n\"a\n\"\"b\"\"\",c\nbad\"\n\"open,\n");
    RecordsConfig config;
    config.csv = true;
    auto records = records_of(*open(":::: " + file.name(), config));
    REQUIRE(records.size() == 5);
    CHECK(records[0].fields == Texts{"n", "t\nu"});
    CHECK(records[2].fields == Texts{"a\n\"b\"", "c"});
    CHECK(records[3].problem.find("line 6 of '" + file.name() + "': not CSV") == 0);
    CHECK(records[4].problem == "line 7 of '" + file.name() + "': a quote is not closed");
    config.header = true;
    records = records_of(*open(":::: " + file.name(), config));
    REQUIRE(records.size() == 4);
    CHECK(*records[0].names == Texts{"n", "t\nu"});
    // Values are records of their own.
    records = records_of(*open("::: \"a b\"", config));
    CHECK(records.empty());
    config.header = false;
    records = records_of(*open("::: x,y \"a b\"", config));
    REQUIRE(records.size() == 3);
    CHECK(records[0].fields == Texts{"x", "y"});
    CHECK(records[1].problem == "value 2 of ':::': a quote is not closed");
}

TEST_CASE("records: CSV with another separator") {
    RecordsConfig config = with_colsep(";");
    config.csv = true;
    CHECK(rows_read("::: a;b,c;\";\"", config) == "a-b,c-;");
    config.column_separator = "\\t";
    CHECK(rows_read("::: a\tb", config) == "a-b");
    for (const char* separator : {";;", "[;,]", ";+", "\""}) {
        config.column_separator = separator;
        CHECK(refusal("::: a", config) == "'" + std::string(separator) +
                                              "' cannot separate the columns of CSV: one "
                                              "character can");
    }
}

TEST_CASE("records: an item of CSV that ends with NUL is never joined to the next") {
    const File file(std::string_view("\"a\0b\"\0", 6));
    RecordsConfig config;
    config.csv = true;
    config.delimiter = std::string(1, '\0');
    const auto records = records_of(*open(":::: " + file.name(), config));
    REQUIRE(records.size() == 2);
    CHECK(records[0].problem == "item 1 of '" + file.name() + "': a quote is not closed");
}

TEST_CASE("records: -E and -r look at items as they stand in their source") {
    auto config = with_colsep(",");
    config.end_string = "E";
    CHECK(rows_read("::: a,b E,c E d", config) == "a-b E-c");
    config.column_separator.reset();
    CHECK(rows_read("::: a E b ::: c d E e", config) == "a-c a-d");
    CHECK(rows_read("::: a b :::+ c E", config) == "a-c");
    const File blank(" E \nb\n \t\n");
    config.trim = Trim::both;
    CHECK(rows_read(":::: " + blank.name(), config) == "E b ");
    config.drop_blank = true;
    CHECK(rows_read(":::: " + blank.name(), config) == "E b");
    CHECK(rows_read("::: a _ b ::: _ x", config) == "a-x b-x");
    CHECK(rows_read("::: a _ b :::+ 1 2 3", config) == "a-1 b-2");
    CHECK(rows_read("::: , a", with_colsep(",")) == "- a");
    // A blank line within quotes is part of a column.
    const File quoted("\"a\n\nb\"\n\n");
    config.csv = true;
    CHECK(rows_read(":::: " + quoted.name(), config) == "a\n\nb");
}

TEST_CASE("records: --header names the columns of each source") {
    RecordsConfig config;
    config.header = true;
    auto records = records_of(*open("::: a 1 2 ::: b 3 4", config));
    CHECK(records.size() == 4);
    CHECK(records.back().fields == Texts{"2", "4"});
    CHECK(*records.back().names == Texts{"a", "b"});
    CHECK(rows_read("::: a 1 2 :::+ b 3 4", config) == "1-3 2-4");
    config.column_separator = ",";
    const File file("x, y\n1,2\n3\n4,5,6\n");
    records = records_of(*open(":::: " + file.name() + " ::: z 7", config));
    REQUIRE(records.size() == 3);
    CHECK(*records[0].names == Texts{"x", "y", "z"});
    CHECK(records[0].fields == Texts{"1", "2", "7"});
    CHECK(records[1].fields == Texts{"3", "", "7"});
    CHECK(*records[2].names == Texts{"x", "y", "", "z"});
    CHECK(rows_read(":::: " + file.name(), config) == "1-2 3 4-5-6");  // alone: as they are
}

TEST_CASE("records: --shuf comes last") {
    RecordsConfig config;
    config.shuffle = true;
    config.header = true;
    config.seed = 1;
    const auto all = rows_read("::: n a b c ::: n 1 2", config);
    CHECK(all == rows_read("::: n a b c ::: n 1 2", config));
    CHECK(all != "a-1 a-2 b-1 b-2 c-1 c-2");
    CHECK(all.size() == 23);
    for (const char* row : {"a-1", "a-2", "b-1", "b-2", "c-1", "c-2"}) {
        CHECK(all.find(row) != std::string::npos);
    }
}

TEST_CASE("records: carriage returns are told once, whatever the number of files") {
    const File one("a\r\n");
    const File other("b\r\nc\r\n");
    int told = 0;
    RecordsConfig config;
    config.on_carriage_return = [&] { ++told; };
    CHECK(rows_read(":::: " + one.name() + " :::: " + other.name(), config) == "a-b a-c");
    CHECK(told == 1);
}

TEST_CASE("records: a line that cannot be used spoils each of its combinations") {
    const File file(std::string_view("a\0b\nc\n", 6));
    auto config = with_colsep(",");
    const auto records = records_of(*open("::: 1 2 :::: " + file.name(), config));
    REQUIRE(records.size() == 4);
    CHECK(records[0].problem.find("line 1 of '" + file.name() + "'") == 0);
    CHECK(records[1].problem.empty());
    CHECK(records[2].problem == records[0].problem);
}

}  // namespace
}  // namespace antsrun
