#include "read/source.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ants/carrier.hpp"
#include "read/support.hpp"

namespace antsrun {
namespace {

std::vector<Record> records_of(SourceConfig config, std::string* error = nullptr) {
    auto source = Source::open(std::move(config));
    REQUIRE(source);
    auto records = records_of(**source);
    if (error != nullptr) {
        *error = (*source)->error();
    }
    return records;
}

std::vector<std::string> texts_of(std::string_view content, std::string delimiter = "\n") {
    const File file(content);
    std::vector<std::string> texts;
    for (const Record& record : records_of({{file.name()}, std::move(delimiter), {}})) {
        CHECK(record.problem.empty());
        texts.push_back(record.fields.front());
    }
    return texts;
}

TEST_CASE("source: lines") {
    CHECK(texts_of("").empty());
    CHECK(texts_of("a\nb\n") == Texts{"a", "b"});
    CHECK(texts_of("a\n\n b") == Texts{"a", "", " b"});
    CHECK(texts_of("\n") == Texts{""});
    CHECK(texts_of("\xff\xfe\n") == Texts{"\xff\xfe"});
    const std::string longer(200'000, 'x');  // more than a block
    CHECK(texts_of(longer + "\n" + longer) == Texts{longer, longer});
}

TEST_CASE("source: other delimiters") {
    CHECK(texts_of(std::string("a\nb\0c\0", 6), std::string(1, '\0')) == Texts{"a\nb", "c"});
    CHECK(texts_of("a,b\n", ",") == Texts{"a", "b\n"});
    CHECK(texts_of("a<>b<><>c", "<>") == Texts{"a", "b", "", "c"});
    // The delimiter lies across two blocks.
    const std::string block(64 * 1024 - 1, 'x');
    CHECK(texts_of(block + "<>b", "<>") == Texts{block, "b"});
}

TEST_CASE("source: several inputs are read one after the other, never joined") {
    const File one("a\nb");
    const File other("c\n");
    const auto records = records_of({{one.name(), other.name()}, "\n", {}});
    REQUIRE(records.size() == 3);
    CHECK(records[1].fields.front() == "b");
    CHECK(records[2].fields.front() == "c");
}

TEST_CASE("source: carriage returns are dropped, said once") {
    const File file("a\r\nb\r\nc\r\r\n\rd\n");
    int told = 0;
    const auto records = records_of({{file.name()}, "\n", [&] { ++told; }});
    REQUIRE(records.size() == 4);
    CHECK(records[0].fields.front() == "a");
    CHECK(records[2].fields.front() == "c\r");
    CHECK(records[3].fields.front() == "\rd");
    CHECK(told == 1);
}

TEST_CASE("source: what cannot be a command is refused by its line") {
    const File file(std::string("fine\nbad\0; rest\n", 16) + std::string(3'000'000, 'x') +
                    "\nlast");
    const auto records = records_of({{file.name()}, "\n", {}});
    REQUIRE(records.size() == 4);
    CHECK(records[0].problem.empty());
    CHECK(records[1].problem.find("line 2 of '" + file.name() + "': contains a NUL byte") == 0);
    CHECK(records[2].problem.find("line 3 of '" + file.name() + "': longer than 1 MiB") == 0);
    CHECK(records[2].fields.front().size() <= 4096);
    CHECK(records[3].fields.front() == "last");
    CHECK(records[3].problem.empty());
}

TEST_CASE("source: an input that cannot be read") {
    CHECK_FALSE(Source::open({{"source_test.missing"}, "\n", {}}));
    const auto directory = Source::open({{"/"}, "\n", {}});
    REQUIRE_FALSE(directory);
    CHECK(directory.error().message() == "cannot read '/': Is a directory");
    std::string error;
    CHECK(records_of({{"/proc/self/mem"}, "\n", {}}, &error).empty());
    CHECK(error == "cannot read '/proc/self/mem': Input/output error");
}

// The same without buffers.
Texts between(std::string_view delimiter, std::string_view content) {
    Texts texts;
    while (!content.empty()) {
        const auto end = content.find(delimiter);
        texts.emplace_back(content.substr(0, end));
        content.remove_prefix(end == std::string_view::npos ? content.size()
                                                            : end + delimiter.size());
    }
    return texts;
}

TEST_CASE("source: records are what is between delimiters, wherever a block ends") {
    constexpr std::size_t kBlock = 64 * 1024;
    std::mt19937 chance(5);
    for (const std::string delimiter : {"\n", "ab", "aab", "aa", "abab", "\r\n"}) {
        for (int round = 0; round < 60; ++round) {
            std::string content(round % 4 == 0 ? 0 : kBlock * (1 + chance() % 2), 'x');
            content.resize(content.size() - std::min<std::size_t>(content.size(), chance() % 20));
            for (auto left = chance() % 30; left > 0; --left) {
                content += chance() % 4 == 0 ? delimiter : std::string(1, "abxy\n"[chance() % 5]);
            }
            CAPTURE(content.substr(content.find_last_of('x', content.size() / 2) + 1));
            CHECK(texts_of(content, delimiter) == between(delimiter, content));
        }
    }
}

TEST_CASE("source: a slow producer's line comes when it is complete") {
    ::mkfifo("source_test.fifo", 0600);
    auto source = Source::open({{"source_test.fifo"}, "\n", {}});
    REQUIRE(source);
    const UniqueFd writer(::open("source_test.fifo", O_WRONLY | O_CLOEXEC));
    ants::Carrier carrier;
    CHECK(::write(writer.get(), "one\ntw", 6) == 6);
    CHECK(carrier.run((*source)->next())->fields.front() == "one");
    CHECK(::write(writer.get(), "o\n", 2) == 2);
    CHECK(carrier.run((*source)->next())->fields.front() == "two");
    ::unlink("source_test.fifo");
}

}  // namespace
}  // namespace antsrun
