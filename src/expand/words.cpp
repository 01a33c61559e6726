#include "expand/words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace antsrun {
namespace {

// Keywords and builtins of POSIX, dash, bash, ksh, mksh and busybox shells. Sorted.
constexpr auto kShellNames = std::to_array<std::string_view>({
    "!",       ".",         ":",         "[",         "[[",       "]]",     "alias",   "autoload",
    "bg",      "bind",      "break",     "builtin",   "caller",   "case",   "cd",      "chdir",
    "command", "compgen",   "complete",  "compopt",   "continue", "coproc", "declare", "dirs",
    "disown",  "do",        "done",      "echo",      "elif",     "else",   "enable",  "esac",
    "eval",    "exec",      "exit",      "export",    "false",    "fc",     "fg",      "fi",
    "for",     "function",  "functions", "getopts",   "global",   "hash",   "hist",    "history",
    "if",      "in",        "integer",   "jobs",      "kill",     "let",    "local",   "logout",
    "mapfile", "namespace", "nameref",   "newgrp",    "popd",     "print",  "printf",  "pushd",
    "pwd",     "r",         "read",      "readarray", "readonly", "return", "select",  "set",
    "shift",   "shopt",     "source",    "stop",      "suspend",  "test",   "then",    "time",
    "times",   "trap",      "true",      "type",      "typeset",  "ulimit", "umask",   "unalias",
    "unset",   "unsetenv",  "until",     "vmstate",   "wait",     "whence", "while",   "{",
    "}",
});

bool contains(const auto& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Characters that mean something to some shell when they are not quoted, somewhere in a word.
bool is_special(char c) {
    constexpr std::string_view kSpecial = "|&;<>()$`*?[]{}~#!^\n\r";
    return kSpecial.find(c) != std::string_view::npos;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Reads one line, word by word.
class Splitter {
public:
    explicit Splitter(std::string_view line) : rest_(line) {}

    std::optional<std::vector<std::string>> split() {
        while (!rest_.empty()) {
            if (is_blank(rest_.front())) {
                rest_.remove_prefix(1);
            } else if (!read_word()) {
                return std::nullopt;
            }
        }
        return std::move(words_);
    }

private:
    bool read_word() {
        std::string word;
        while (!rest_.empty() && !is_blank(rest_.front())) {
            const char c = rest_.front();
            rest_.remove_prefix(1);
            const bool is_fine = c == '\''   ? read_quoted(word, '\'', "")
                                 : c == '"'  ? read_quoted(word, '"', "$`\\!")
                                 : c == '\\' ? read_escaped(word)
                                             : read_plain(word, c);
            if (!is_fine) {
                return false;
            }
        }
        words_.push_back(std::move(word));
        return true;
    }

    // Up to the closing quote; nothing of `special` may come before it.
    bool read_quoted(std::string& word, char quote, std::string_view special) {
        const auto end = rest_.find(quote);
        if (end == std::string_view::npos) {
            return false;
        }
        const std::string_view text = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        word += text;
        return text.find_first_of(special) == std::string_view::npos;
    }

    bool read_escaped(std::string& word) {
        if (rest_.empty() || rest_.front() == '\n') {
            return false;
        }
        word += rest_.front();
        rest_.remove_prefix(1);
        return true;
    }

    static bool read_plain(std::string& word, char c) {
        word += c;
        return !is_special(c);
    }

    std::string_view rest_;
    std::vector<std::string> words_;
};

// Given these arguments, builtin and program do the same.
bool does_the_same(const std::vector<std::string>& words) {
    if (words[0] == "true" || words[0] == "false") {
        return words.size() == 1;
    }
    if (words[0] != "echo" || (words.size() > 1 && words[1].starts_with('-'))) {
        return false;
    }
    return std::all_of(words.begin(), words.end(), [](const std::string& word) {
        return word.find('\\') == std::string::npos;
    });
}

}  // namespace

bool is_twin_of_builtin(std::string_view name) {
    return name == "true" || name == "false" || name == "echo";
}

std::optional<std::vector<std::string>> split_words(std::string_view line) {
    auto words = Splitter(line).split();
    if (!words || words->empty()) {
        return std::nullopt;
    }
    const std::string& name = words->front();
    const bool is_assignment = name.find('=') != std::string::npos;
    const bool is_job_number = name.starts_with('%');
    if (name.empty() || is_assignment || is_job_number) {
        return std::nullopt;
    }
    if (contains(kShellNames, name) && !does_the_same(*words)) {
        return std::nullopt;
    }
    return words;
}

}  // namespace antsrun
