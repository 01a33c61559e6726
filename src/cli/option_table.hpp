// The one table of options, for those who read it: parse, xargs. Internal to cli.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/options.hpp"

namespace antsrun::cli {

// What is known of the command line while it is read, beyond the Options.
struct Reading {
    Options options;
    bool mode_asked = false;
    bool no_progress = false;
    bool record_end_asked = false;
    std::string header;  // --header; empty: none
};

// Throws UsageError.
using Apply = void (*)(Reading&, const std::string& value);

struct Option {
    const char* names;  // "-j,--jobs"
    const char* value;  // what --help calls it; null: a flag
    const char* group;
    const char* help;
    Apply apply;
};

std::span<const Option> option_table();

// What --help and --version print.
std::string help_text();
std::string version_text();

// Throws UsageError: "--jobs 'x': expected ...".
[[noreturn]] void refuse(std::string_view option, std::string_view value,
                         std::string_view expected);

// A number that is not negative, or refuse().
std::size_t parse_number(std::string_view option, const std::string& value);

// "\t", "\n", "\0", "\\", "\xHH" and "\ooo" stand for one byte.
std::string unescape(std::string_view option, const std::string& text);

void add_file(Reading& reading, const std::string& name);

// $ANTSRUN_SHELL and --shell. Throws UsageError.
void set_shell(Reading& reading, const std::string& value);

inline constexpr std::string_view kAdvice = "Try 'antsrun --help'.";

}  // namespace antsrun::cli
