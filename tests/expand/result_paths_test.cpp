#include "expand/result_paths.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace antsrun {
namespace {

using Words = std::vector<std::string>;

std::string out_of(const std::string& directory, const Words& arguments, const Names& names = {}) {
    Job job;
    job.seq = 7;
    job.arguments = arguments;
    job.names = names;
    const ResultFiles files = ResultPaths(directory, {}).render(job, 3);
    if (files.out.ends_with("/stdout")) {
        const std::string place = files.out.substr(0, files.out.size() - 6);
        CHECK(files.err == place + "stderr");
        CHECK(files.seq == place + "seq");
    } else {
        CHECK(files.err == files.out + ".err");
        CHECK(files.seq == files.out + ".seq");
    }
    return files.out;
}

TEST_CASE("result paths: a directory for each argument") {
    CHECK(out_of("d", {"a"}) == "d/1/a/stdout");
    CHECK(out_of("/x/d", {"a b", "c"}) == "/x/d/1/a b/2/c/stdout");
    CHECK(out_of("d", {""}) == "d/1//stdout");
    CHECK(out_of("d", {"../../etc/passwd"}) == "d/1/..\\_..\\_etc\\_passwd/stdout");
    const auto names = std::make_shared<const Words>(Words{"who", "a/b"});
    CHECK(out_of("d", {"x", "y", "z"}, names) == "d/who/x/a\\_b/y/3/z/stdout");
}

TEST_CASE("result paths: placeholders") {
    CHECK(out_of("d/{}.out", {"a"}) == "d/a.out");
    CHECK(out_of("d/{2/}-{#}-{%}", {"a", "b/c"}) == "d/c-7-3");
    CHECK(out_of("d/{}", {"a/b"}) == "d/a/b");
    CHECK(out_of("d/{}/", {"a"}) == "d/a/stdout");
    CHECK(out_of("d{x}", {"a"}) == "d{x}/1/a/stdout");  // stands for nothing
}

TEST_CASE("result paths: an argument as a file name") {
    struct Row {
        const char* argument;
        const char* expected;
    };
    for (const Row& row : {Row{"a", "a"},
                           {"/", "\\_"},
                           {"a/b//", "a\\_b\\_\\_"},
                           {"\\_", "\\\\_"},
                           {"a\tb\nc", "a\\tb\nc"},
                           {".", "\\."},
                           {"..", "\\.."},
                           {"...", "..."},
                           {".a", ".a"},
                           {"\xff", "\xff"}}) {
        CHECK(as_file_name(row.argument) == row.expected);
    }
}

TEST_CASE("result paths: a name that is too long is cut, and still its own") {
    const std::string most(255, 'x');
    CHECK(as_file_name(most) == most);
    const std::string a = as_file_name(most + "a");
    const std::string b = as_file_name(most + "b");
    CHECK(a.size() == 255);
    CHECK(a.starts_with(std::string(200, 'x')));
    CHECK(a != b);
    CHECK(a == as_file_name(most + "a"));
    CHECK(as_file_name(std::string(200, '/')).size() == 255);
}

}  // namespace
}  // namespace antsrun
