#include "emit/line_tags.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace antsrun {
namespace {

// All that comes of `bytes`.
std::string tagged(LineTags& tags, Stream stream, std::string_view bytes) {
    std::string text;
    while (!bytes.empty()) {
        text += tags.put_before_lines(stream, bytes);
    }
    return text;
}

// The same for a whole output that arrives `step` bytes at a time.
std::string tagged_by(std::size_t step, std::string_view bytes) {
    LineTags tags;
    tags.set("T\t");
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
        text += tagged(tags, Stream::out, bytes.substr(i, step));
    }
    return text += tags.end_line(Stream::out);
}

TEST_CASE("line tags: one before each line, whatever the pieces") {
    struct Row {
        std::string_view bytes;
        std::string_view expected;
    };
    using namespace std::string_view_literals;
    for (const Row& row : {Row{"", ""},
                           {"a\n", "T\ta\n"},
                           {"a", "T\ta\n"},
                           {"\n", "T\t\n"},
                           {"\n\n", "T\t\nT\t\n"},
                           {"ab\ncd\n", "T\tab\nT\tcd\n"},
                           {"ab\n\ncd", "T\tab\nT\t\nT\tcd\n"},
                           {"a\rb\r\n", "T\ta\rb\r\n"},
                           {"a\0b\n"sv, "T\ta\0b\n"sv}}) {
        for (const std::size_t step : {1, 2, 3, 100}) {
            CHECK(tagged_by(step, row.bytes) == row.expected);
        }
    }
}

TEST_CASE("line tags: a line longer than any buffer gets one") {
    const std::string line(1'000'000, 'x');
    CHECK(tagged_by(4096, line + "\ny") == "T\t" + line + "\nT\ty\n");
}

TEST_CASE("line tags: the streams are apart") {
    LineTags tags;
    tags.set("T\t");
    CHECK(tagged(tags, Stream::out, "o") == "T\to");
    CHECK(tagged(tags, Stream::err, "e") == "T\te");
    CHECK(tagged(tags, Stream::out, "o\n") == "o\n");
    CHECK(tags.end_line(Stream::out).empty());
    CHECK(tags.end_line(Stream::err) == "\n");
    CHECK(tags.end_line(Stream::err).empty());
}

TEST_CASE("line tags: short lines and a long tag do not grow without bound") {
    LineTags tags;
    tags.set(std::string(4096, 't'));
    const std::string newlines(65536, '\n');
    std::string_view rest = newlines;
    CHECK(tags.put_before_lines(Stream::out, rest).size() < 100'000);
    CHECK(rest.size() > 60'000);
}

TEST_CASE("line tags: none") {
    LineTags tags;
    CHECK_FALSE(tags.is_used());
    CHECK(tags.end_line(Stream::out).empty());
}

}  // namespace
}  // namespace antsrun
