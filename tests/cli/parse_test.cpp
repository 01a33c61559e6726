#include "cli/parse.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

namespace antsrun::cli {
namespace {

Options parsed(std::initializer_list<std::string> words) {
    std::vector<std::string> all{"antsrun"};
    all.insert(all.end(), words);
    return parse(all);
}

// The two lines of the error, or "" if there is none.
std::string error_of(std::initializer_list<std::string> words) {
    try {
        parsed(words);
    } catch (const UsageError& error) {
        const std::string text = error.what();
        CHECK(std::count(text.begin(), text.end(), '\n') == 2);
        CHECK(text.starts_with("antsrun: "));
        return text;
    }
    return "";
}

using Words = std::vector<std::string>;

// The sources asked for: "file F", or the items; with a plus if linked.
Words sources(std::initializer_list<std::string> words) {
    Words result;
    for (const SourceSpec& source : parsed(words).records.sources) {
        std::string text = source.is_file ? "file " : "";
        text += source.is_linked ? "+" : "";
        text += source.file;
        for (const std::string& value : source.values) {
            text += &value == source.values.data() ? value : "," + value;
        }
        result.push_back(text);
    }
    return result;
}

TEST_CASE("parse: nothing") {
    const Options options = parsed({});
    CHECK(options.records.sources.empty());
    CHECK(options.records.delimiter == "\n");
    CHECK(options.command.words.empty());
    CHECK(options.shell == "/bin/sh");
    CHECK(options.mode == OutputMode::group);
    CHECK(options.jobs.kind == JobsSpec::Kind::percent);
    CHECK(options.report.empty());
}

TEST_CASE("parse: the forms of an option") {
    for (const auto& words : {std::vector<std::string>{"-j", "8"},
                              {"-j8"},
                              {"--jobs", "8"},
                              {"--jobs=8"},
                              {"-P8"},
                              {"--max-procs=8"},
                              {"-kj8"},
                              {"-0kj8"},
                              {"-j2", "-j8"}}) {
        std::vector<std::string> all{"antsrun"};
        all.insert(all.end(), words.begin(), words.end());
        CHECK(parse(all).jobs.value == 8);
    }
    CHECK(parsed({"-j", "-1"}).jobs.kind == JobsSpec::Kind::minus);
    CHECK(parsed({"-j+1"}).jobs.kind == JobsSpec::Kind::plus);
    CHECK(parsed({"-j0"}).jobs.kind == JobsSpec::Kind::maximum);
    CHECK(parsed({"-kv"}).keep_order);
    CHECK(parsed({"--line-buffer"}).mode == OutputMode::line_buffered);
}

TEST_CASE("parse: input") {
    CHECK(sources({"-a", "x", "-a", "-"}) == Words{"file x", "file -"});
    CHECK(sources({"-a", "x", "::::", "y", "-k"}) == Words{"file x", "file y", "file -k"});
    CHECK(sources({"c", ":::", "a", "b", ":::+", "1", "::::+", "f", "g", ":::"}) ==
          Words{"a,b", "+1", "file +f", "file +g", ""});
    CHECK(sources({":::"}) == Words{""});
    CHECK(parsed({"-0"}).records.delimiter == std::string(1, '\0'));
    CHECK(parsed({"-d", ","}).records.delimiter == ",");
    CHECK(parsed({"-d", R"(\t\n\0\\\x41\101)"}).records.delimiter == std::string("\t\n\0\\AA", 6));
    CHECK(parsed({"-d", R"(\x4)"}).records.delimiter == "\x04");
}

TEST_CASE("parse: the command") {
    CHECK(parsed({"-k", "echo", "-k", "a b"}).command.words == Words{"echo", "-k", "a b"});
    CHECK(parsed({"echo", ":::", "a"}).command.words == Words{"echo"});
    CHECK(parsed({"--", "-x", "::::", "a"}).command.words == Words{"-x"});
    CHECK(parsed({"-I", "X", "echo"}).command.item == "X");
    CHECK(parsed({"-IX", "--plus", "-q", "--rpl", "a s/b/c/"}).command.rewrites ==
          Words{"a s/b/c/"});
}

TEST_CASE("parse: output") {
    CHECK(parsed({"--tag", "--group"}).tag);
    CHECK_FALSE(parsed({}).tagstring);
    CHECK(parsed({"--jsonl", "x"}).jsonl == "x");
    CHECK(parsed({"--bar"}).progress);
    CHECK_FALSE(parsed({"--no-progress", "--eta"}).progress);
    CHECK(parsed({"--tagstring", R"(a\tb\n\t)"}).tagstring == "a\tb\\n\t");
}

TEST_CASE("parse: what is refused, and what to type instead") {
    CHECK(error_of({"--jbos", "3"}).find("'--jobs'") != std::string::npos);
    CHECK(error_of({"--keep"}).find("'--keep-order'") != std::string::npos);
    CHECK(error_of({"--job=3"}).find("'--job'") != std::string::npos);
    CHECK(error_of({"-j", "abc"}).find("--jobs 'abc'") != std::string::npos);
    CHECK(error_of({"-j"}) != "");
    CHECK(error_of({"-d", ""}) != "");
    CHECK(error_of({"-d", R"(\q)"}) != "");
    CHECK(error_of({"-d", R"(\x)"}) != "");
    CHECK(error_of({"--color", "pink"}).find("auto, always or never") != std::string::npos);
    CHECK(error_of({"--report-limit", "-1"}) != "");
    CHECK(error_of({"--shell", "sh"}).find("absolute") != std::string::npos);
    CHECK(error_of({"-u", "--group"}) != "");
    CHECK(error_of({"--group", "--lb"}) != "");
    CHECK(error_of({"-u", "--lb"}) != "");
    CHECK(error_of({"--jsonl", "-"}).find("expected a file") != std::string::npos);
    CHECK(error_of({"-u", "--tag"}).find("--line-buffer") != std::string::npos);
    CHECK(error_of({"--tagstring", "x", "-u"}) != "");
    CHECK(error_of({"-Y"}) != "");
    CHECK(error_of({"::::"}) != "");
    CHECK(error_of({"-I", ""}) != "");
    CHECK(error_of({"echo", ":::+", "a"}).find("':::+'") != std::string::npos);
}

TEST_CASE("parse: accepted without effect") {
    CHECK(error_of({"--will-cite", "--no-notice", "--gnu", "--plain"}).empty());
}

TEST_CASE("parse: help and version are messages") {
    CHECK(parsed({"--version"}).message.starts_with("antsrun "));
    const std::string help = parsed({"--help"}).message;
    for (const char* text :
         {"Input:", "Running:", "--keep-order", "-j, -P, --jobs", "Exit status"}) {
        CHECK(help.find(text) != std::string::npos);
    }
    CHECK(parsed({"-h"}).message == help);
}

// Thousands of command lines out of what is in the table, and what is not.
TEST_CASE("parse: any words are options or a usage error") {
    const std::vector<std::string> words{"-j",        "-j4",        "--jobs=2%",
                                         "-0k",       "-d",         ",",
                                         "--tag",     "-X",         "-N2",
                                         "--",        "-",          "--pipe",
                                         "--halt",    "now,fail=1", "-a",
                                         "x",         "--retries",  "0",
                                         "--joblog",  "+",          "--header",
                                         ":",         ":::",        "::::",
                                         ":::+",      "::::+",      "a b",
                                         "{}",        "{.}",        "'",
                                         "--rpl",     "x s/a/b/",   "--env",
                                         "A=b",       "-u",         "--lb",
                                         "--timeout", "300%",       "1m",
                                         "--resume",  "",           "\xff",
                                         "--block",   "-1",         "--regexp",
                                         "--recend",  "(",          "-I",
                                         "--xargs",   "-s",         "99999999999999999999",
                                         "--shuf",    "--color",    "never",
                                         "--dry",     "-p",         "--wd",
                                         "/",         "--nice",     "-20",
                                         "--load",    "--memfree",  "1G",
                                         "--csv"};
    std::mt19937 random(4711);
    std::uniform_int_distribution<std::size_t> any(0, words.size() - 1);
    std::uniform_int_distribution<int> few(0, 7);
    int accepted = 0;
    for (int round = 0; round < 5000; ++round) {
        std::vector<std::string> line{round % 10 == 0 ? "antsrun-xargs" : "antsrun"};
        for (int more = few(random); more > 0; --more) {
            line.push_back(words[any(random)]);
        }
        try {
            parse(line);
            ++accepted;
        } catch (const UsageError& error) {
            const std::string text = error.what();
            CHECK(std::count(text.begin(), text.end(), '\n') >= 1);
            CHECK(text.starts_with("antsrun: "));
            CHECK(error.exit_status == (round % 10 == 0 ? 1 : 255));
        }
    }
    CHECK(accepted > 300);
}

}  // namespace
}  // namespace antsrun::cli
