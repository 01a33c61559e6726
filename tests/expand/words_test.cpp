#include "expand/words.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "shell.hpp"

namespace antsrun {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("words: lines that need no shell") {
    struct Row {
        std::string_view line;
        Words words;
    };
    for (const Row& row : {
             Row{"ls -l /tmp", {"ls", "-l", "/tmp"}},
             Row{"  ls\t x  ", {"ls", "x"}},
             Row{"cp 'a b' \"c d\"", {"cp", "a b", "c d"}},
             Row{"x a'b'\"c\"d", {"x", "abcd"}},
             Row{"x '' \"\"", {"x", "", ""}},
             Row{R"(x a\ b \')", {"x", "a b", "'"}},
             Row{"x '$HOME' '*'", {"x", "$HOME", "*"}},
             Row{"x --a=b \xff", {"x", "--a=b", "\xff"}},
             Row{"true", {"true"}},
             Row{"echo a b", {"echo", "a", "b"}},
         }) {
        CAPTURE(row.line);
        const auto words = split_words(row.line);
        REQUIRE(words);
        CHECK(*words == row.words);
    }
}

TEST_CASE("words: lines for the shell") {
    for (const std::string_view line : {"",
                                        "  ",
                                        "a | b",
                                        "a&",
                                        "a;b",
                                        "a <b",
                                        "a >b",
                                        "(a)",
                                        "a $x",
                                        "a `b`",
                                        "a *",
                                        "a ?",
                                        "a [b]",
                                        "a ~",
                                        "a {b,c}",
                                        "x=1 a",
                                        "x=1",
                                        "a #b",
                                        "! a",
                                        "a\nb",
                                        "a 'b",
                                        "a \"b",
                                        "a \\",
                                        "a \"$b\"",
                                        R"(a "\b")",
                                        "if true",
                                        "while x",
                                        "{ a",
                                        "exit 3",
                                        "cd /",
                                        "kill 1",
                                        "umask",
                                        "exec ls",
                                        ": x",
                                        ". x",
                                        "test -e x",
                                        "[ -e x ]",
                                        "printf x",
                                        "pwd",
                                        "read x",
                                        "set",
                                        "trap",
                                        "wait",
                                        "type ls",
                                        "command ls",
                                        "true x",
                                        "echo -n",
                                        "echo -e x",
                                        R"(echo 'a\nb')",
                                        "%1",
                                        "time ls",
                                        "'' a",
                                        "ulimit -n",
                                        "export A"}) {
        CAPTURE(line);
        CHECK_FALSE(split_words(line));
    }
}

TEST_CASE("words: a real shell splits what is split here just the same") {
    constexpr std::string_view kCharacters = "ab  \t''\"\"\\\\$*=~#!{}[]|&;<>()`-%^,.\xc3\xff";
    std::mt19937 random(7);
    std::string script = "show() { printf '%s\\0' \"$@\"; printf '\\n\\0'; }\n";
    std::string expected;
    int lines = 0;
    for (int tries = 0; tries < 60'000; ++tries) {
        std::string line = "x ";
        for (auto length = 1 + random() % 14; length > 0; --length) {
            line += kCharacters[random() % kCharacters.size()];
        }
        if (const auto words = split_words(line)) {
            ++lines;
            script += "show " + line + "\n";
            for (const std::string& word : *words) {
                expected += word + '\0';
            }
            expected += std::string("\n\0", 2);
        }
    }
    CHECK(lines > 1000);
    CHECK(output_of_sh("words_test", script) == expected);
}

}  // namespace
}  // namespace antsrun
