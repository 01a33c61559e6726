#include "cli/completion.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/option_table.hpp"

namespace antsrun::cli {
namespace {

struct Completed {
    std::vector<std::string> names;  // with their dashes
    std::string_view value;          // as --help calls it; empty: none
    std::string_view help;
};

std::vector<Completed> completed_options() {
    std::vector<Completed> all;
    for (const Option& option : option_table()) {
        Completed one{{}, option.value == nullptr ? "" : option.value, option.help};
        for (std::string_view names = option.names; !names.empty();) {
            const std::string_view name = names.substr(0, names.find(','));
            names.remove_prefix(std::min(names.size(), name.size() + 1));
            one.names.emplace_back(name);
        }
        all.push_back(std::move(one));
    }
    all.push_back({{"-h", "--help"}, "", "print the options"});
    all.push_back({{"--version"}, "", "print the version"});
    return all;
}

// The words a value can be; empty if it is not one of a few.
std::string_view choices(std::string_view value) {
    return value == "WHEN"    ? "auto always never"
           : value == "SIDES" ? "n l r lr"
           : value == "SHELL" ? "bash zsh fish"
                              : "";
}

bool is_file(std::string_view value) { return value == "FILE" || value == "PATH"; }
bool is_directory(std::string_view value) { return value == "DIR"; }

// In single quotes of any shell, where that shell has its own idea of these.
std::string without(std::string_view text, std::string_view unwanted) {
    std::string result(text);
    std::erase_if(result, [&](char c) { return unwanted.find(c) != std::string_view::npos; });
    return result;
}

std::string for_bash() {
    std::vector<std::string> names;
    std::string cases;
    for (const Completed& option : completed_options()) {
        names.insert(names.end(), option.names.begin(), option.names.end());
        if (option.value.empty()) {
            continue;
        }
        const std::string_view words = choices(option.value);
        const std::string action = !words.empty()          ? fmt::format("compgen -W '{}'", words)
                                   : is_file(option.value) ? "compgen -f"
                                   : is_directory(option.value) ? "compgen -d"
                                                                : ":";
        cases += fmt::format("        {}) mapfile -t COMPREPLY < <({} -- \"$word\"); return ;;\n",
                             fmt::join(option.names, "|"), action);
    }
    return fmt::format(
        "# Completion of antsrun for bash.\n"
        "_antsrun() {{\n"
        "    local word=${{COMP_WORDS[COMP_CWORD]}}\n"
        "    COMPREPLY=()\n"
        "    case ${{COMP_WORDS[COMP_CWORD - 1]}} in\n"
        "{}"
        "    esac\n"
        "    if [[ $word == -* ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\")\n"
        "    else\n"
        "        mapfile -t COMPREPLY < <(compgen -c -- \"$word\")\n"
        "    fi\n"
        "}}\n"
        "complete -o default -F _antsrun antsrun\n",
        cases, fmt::join(names, " "));
}

std::string for_zsh() {
    std::string specs;
    for (const Completed& option : completed_options()) {
        const std::string_view words = choices(option.value);
        const std::string action = !words.empty()               ? fmt::format("({})", words)
                                   : is_file(option.value)      ? "_files"
                                   : is_directory(option.value) ? "_files -/"
                                                                : " ";
        for (const std::string& name : option.names) {
            const std::string value =
                option.value.empty() ? ""
                                     : fmt::format(":{}:{}", without(option.value, ":"), action);
            specs +=
                fmt::format("    '*{}[{}]{}' \\\n", name, without(option.help, "'[]\\"), value);
        }
    }
    return "#compdef antsrun\n# Completion of antsrun for zsh.\n_arguments -S \\\n" + specs +
           "    '(-)1:command:_command_names -e' \\\n    '*::arguments:_normal'\n";
}

std::string for_fish() {
    std::string lines = "# Completion of antsrun for fish.\n";
    for (const Completed& option : completed_options()) {
        std::string line = "complete -c antsrun";
        for (const std::string& name : option.names) {
            line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        const std::string_view words = choices(option.value);
        if (!words.empty()) {
            line += fmt::format(" -x -a '{}'", words);
        } else if (!option.value.empty()) {
            const bool is_path = is_file(option.value) || is_directory(option.value);
            line += is_path ? " -r -F" : " -x";
        }
        lines += fmt::format("{} -d '{}'\n", line, without(option.help, "'\\"));
    }
    return lines;
}

}  // namespace

std::optional<std::string> completion(std::string_view shell) {
    if (shell == "bash") {
        return for_bash();
    }
    if (shell == "zsh") {
        return for_zsh();
    }
    if (shell == "fish") {
        return for_fish();
    }
    return std::nullopt;
}

}  // namespace antsrun::cli
