#include "expand/batch.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "ants/carrier.hpp"
#include "given_records.hpp"

namespace antsrun {
namespace {

// As "echo a b": 5 for the name and the end, and a blank before each.
std::size_t echo_size(const Job& job) {
    std::size_t size = 5;
    for (const std::string& argument : job.arguments) {
        size += 1 + argument.size();
    }
    return size;
}

// The jobs as "a,b|c", with an exclamation mark for those that fail.
std::string batches(const std::vector<std::string>& values, const BatchConfig& config,
                    std::string* error = nullptr) {
    std::vector<Record> records;
    for (const std::string& value : values) {
        records.push_back({{value}, {}, value == "BAD" ? "bad" : ""});
    }
    GivenRecords given(std::move(records));
    Batch batch(given, config, echo_size);
    ants::Carrier carrier;
    std::string text;
    for (std::uint64_t seq = 1; auto job = carrier.run(batch.next()); ++seq) {
        CHECK(job->seq == seq);
        text += seq == 1 ? "" : "|";
        for (const std::string& argument : job->arguments) {
            text += &argument == job->arguments.data() ? argument : "," + argument;
        }
        text += job->problem.empty() ? "" : "!";
    }
    if (error != nullptr) {
        *error = batch.error();
    }
    return text;
}

BatchConfig most(std::size_t records) {
    BatchConfig config;
    config.most_records = records;
    return config;
}

TEST_CASE("batch: so many records") {
    CHECK(batches({"a", "b", "c"}, most(2)) == "a,b|c");
    CHECK(batches({"a", "b"}, most(2)) == "a,b");
    CHECK(batches({}, most(2)) == "");
    CHECK(batches({"a", "", "c"}, most(1)) == "a||c");
    BatchConfig none = most(1);
    none.drop_arguments = true;
    CHECK(batches({"a", "b"}, none) == "|");
}

TEST_CASE("batch: as many as fit, exactly") {
    BatchConfig config = most(0);
    config.most_bytes = 20;
    CHECK(batches({"aaaa", "bbbb", "cccc", "dddd"}, config) == "aaaa,bbbb,cccc|dddd");
    config.most_bytes = 19;
    CHECK(batches({"aaaa", "bbbb", "cccc", "dddd"}, config) == "aaaa,bbbb|cccc,dddd");
    config.most_records = 1;
    CHECK(batches({"aaaa", "bbbb"}, config) == "aaaa|bbbb");
    CHECK(batches({"a", "b"}, most(0)) == "a,b");
}

TEST_CASE("batch: the last ones are spread over the slots") {
    BatchConfig config = most(0);
    config.spread = 2;
    CHECK(batches({"a", "b", "c", "d", "e"}, config) == "a,b,c|d,e");
    config.spread = 3;
    CHECK(batches({"a", "b", "c", "d"}, config) == "a,b|c,d");
    CHECK(batches({"a"}, config) == "a");
    config.most_bytes = 9;
    CHECK(batches({"a", "b", "c", "d", "e"}, config) == "a,b|c,d|e");
    config.most_bytes = SIZE_MAX;
    config.most_records = 3;
    CHECK(batches({"a", "b", "c", "d"}, config) == "a,b,c|d");
}

TEST_CASE("batch: what is too long fails alone") {
    BatchConfig config = most(0);
    config.most_bytes = 10;
    CHECK(batches({"a", "toolong", "b", "c"}, config) == "a|toolong!|b,c");
    config.too_long_ends = true;
    std::string error;
    CHECK(batches({"a", "toolong", "b"}, config, &error) == "a");
    CHECK(error == "argument too long: 8 bytes, 5 are possible");
}

TEST_CASE("batch: a record that cannot be used fails alone, in its place") {
    CHECK(batches({"a", "BAD", "b", "c"}, most(2)) == "a|BAD!|b,c");
}

TEST_CASE("batch: one job at least, if so asked") {
    BatchConfig config = most(0);
    config.at_least_one = true;
    GivenRecords none({});
    Batch batch(none, config, echo_size);
    ants::Carrier carrier;
    const auto only = carrier.run(batch.next());
    REQUIRE(only);
    CHECK(only->arguments.empty());
    CHECK_FALSE(carrier.run(batch.next()));
    CHECK(batches({"a"}, config) == "a");
}

TEST_CASE("batch: lines") {
    BatchConfig config = most(2);
    config.are_lines = true;
    CHECK(batches({"a b", "", "c ", "d", "e"}, config) == "a b,c d|e");
    CHECK(batches({"a\t", "b"}, config) == "a\tb");
    CHECK(batches({"a "}, config) == "a ");
    CHECK(batches({" ", ""}, config) == "");
}

}  // namespace
}  // namespace antsrun
