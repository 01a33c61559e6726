// Templates against real shells: what arrives must be the argument, byte for byte, however the
// template quotes it and whatever is in it.
#include <doctest/doctest.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/quote.hpp"
#include "expand/template.hpp"
#include "shell.hpp"

namespace antsrun {
namespace {

// A part of a shell word, and what it means. {} is the argument, in `meaning` too.
struct Part {
    std::string_view text;
    std::string_view meaning;
};

constexpr Part kParts[] = {
    {"a", "a"},
    {"{}", "{}"},
    {"'{}'", "{}"},
    {"\"{}\"", "{}"},
    {"'b {} c'", "b {} c"},
    {"\"b {} c\"", "b {} c"},
    {"\"'{}'\"", "'{}'"},
    {"'\"{}\"'", "\"{}\""},
    {"\"$V{}\"", "v{}"},
    {"$V{}", "v{}"},
    {"\"${V}{}\"", "v{}"},
    {"$V", "v"},
    {"\\$\\\\{}", "$\\{}"},
    {"\"\\$\\\\{}\\\"\"", "$\\{}\""},
    {"'\\{}'", "\\{}"},
    {"\"$(printf %s. {})\"", "{}."},
    {"\"$(printf %s. \"{}\")\"", "{}."},
    {"\"$(printf '%s.' '{}')\"", "{}."},
    {"\"$( (printf '%s.' x{}))\"", "x{}."},
    {"\"`printf x`{}\"", "x{}"},
    {"$((1+1)){}", "2{}"},
    {"a~{}", "a~{}"},
    {"[{}]", "[{}]"},
    {"={}", "={}"},
    {"{}=", "{}="},
    {"a#{}", "a#{}"},
    {":{}~", ":{}~"},
};

constexpr std::string_view kItems[] = {
    "",
    " ",
    "a",
    "0",
    "2",
    "-n",
    "--",
    "=",
    "~",
    "~root",
    "*",
    "?",
    "[a-z]",
    "{a,b}",
    "a..c",
    "!",
    "!!",
    "#",
    "# x",
    "$",
    "$V",
    "${V}",
    "$(echo X)",
    "`echo X`",
    "$((1+1))",
    "\\",
    "\\\\",
    "\\n",
    "'",
    "''",
    "\"",
    "\"\"",
    "'\"'\"'",
    "\";echo X;\"",
    "';echo X;'",
    ";",
    "&",
    "&&",
    "|",
    "||",
    "<",
    ">",
    "<<E",
    ">x",
    "(",
    ")",
    "()",
    "\n",
    "a\nb",
    "\necho X\n",
    "\r",
    "\t",
    "\x01",
    "\x7f",
    "\xff\xfe",
    "\xc3\xa4",
    "if",
    "then",
    "fi",
    "do",
    "done",
    "esac",
    "case",
    "time",
    "function",
    "in",
    "{",
    "}",
    "[[",
    "]]",
    "eval",
    "exit",
    "%",
    "%1",
    "^",
    "a=b",
    "PATH",
    "IFS",
    "x y",
    "{}",
    "{.}",
    "{1}",
    "'; exit 3; '",
    "\"$(exit 3)\"",
    "a'b\"c$d`e\\f",
};

std::string with_argument(std::string_view text, std::string_view argument) {
    std::string result;
    for (auto at = text.find("{}"); at != std::string_view::npos; at = text.find("{}")) {
        result += text.substr(0, at);
        result += argument;
        text.remove_prefix(at + 2);
    }
    return result += text;
}

class Cases {
public:
    explicit Cases(unsigned seed) : random_(seed) {}

    void add() {
        std::string text = "printf '%s\\0' ";
        std::string meaning;
        const std::string argument = random_argument();
        for (std::size_t i = 1 + random_() % 4; i > 0; --i) {
            const Part& part = any(kParts);
            text += part.text;
            text += "''";  // what two parts that touch mean together is not the question
            meaning += with_argument(part.meaning, argument);
        }
        text += " {}";
        const auto command = Template::parse_command(text, {});
        CAPTURE(text);
        REQUIRE(command);
        Job job;
        job.arguments.push_back(argument);
        script_ += command->render(job, 1) + "\n";
        expected_ += meaning + '\0' + argument + '\0';
    }

    const std::string& script() const { return script_; }
    const std::string& expected() const { return expected_; }

private:
    template <class T, std::size_t N>
    const T& any(const T (&from)[N]) {
        return from[random_() % N];
    }

    std::string random_argument() {
        std::string argument(any(kItems));
        while (random_() % 3 == 0) {
            argument += any(kItems);
        }
        return argument;
    }

    std::mt19937 random_;
    std::string script_ = "V=v\n";
    std::string expected_;
};

TEST_CASE("template: what arrives is the argument, in every shell there is") {
    Cases cases(20221122);
    for (int i = 0; i < 4'000; ++i) {
        cases.add();
    }
    for (const char* shell :
         {"sh", "dash", "bash", "busybox sh", "ksh", "mksh", "zsh -o nonomatch"}) {
        const std::string program(
            std::string_view(shell).substr(0, std::string_view(shell).find(' ')));
        if (std::system(("command -v " + program + " >/dev/null").c_str()) != 0) {
            continue;
        }
        CAPTURE(shell);
        const std::string output = output_of_shell(shell, "template_shell_test", cases.script());
        CHECK(output.size() == cases.expected().size());
        const auto [got, wanted] = std::mismatch(output.begin(), output.end(),
                                                 cases.expected().begin(), cases.expected().end());
        if (got != output.end()) {
            const auto at = static_cast<std::size_t>(got - output.begin());
            const auto begin = at > 60 ? at - 60 : 0;
            CAPTURE(escape_for_terminal(output.substr(begin, 160)));
            CHECK(escape_for_terminal(cases.expected().substr(begin, 160)) == "");
        }
    }
}

}  // namespace
}  // namespace antsrun
