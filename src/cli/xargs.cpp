#include "cli/xargs.hpp"

#include <getopt.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "cli/option_table.hpp"
#include "cli/parse.hpp"

namespace antsrun::cli {
namespace {

// Which of the options that exclude each other came last: it is the one that counts.
void choose_one(Options& options, std::string_view name) {
    XargsOptions& xargs = options.xargs;
    const bool has_before = !xargs.item.empty() || xargs.are_lines || options.command.most_records;
    if (has_before && xargs.chosen != name) {
        options.warnings.push_back(
            fmt::format("{} and {} exclude each other; the last one counts", xargs.chosen, name));
    }
    xargs.chosen = name;
    xargs.item.clear();
    xargs.are_lines = false;
    options.command.most_records.reset();
}

std::size_t parse_positive(std::string_view option, const std::string& value) {
    const std::size_t number = parse_number(option, value);
    if (number == 0) {
        refuse(option, value, "at least 1");
    }
    return number;
}

void set_item(Reading& reading, const std::string& value) {
    choose_one(reading.options, "-I");
    reading.options.xargs.item = value.empty() ? "{}" : value;
}

void set_lines(Reading& reading, const std::string& value) {
    choose_one(reading.options, "-L");
    reading.options.xargs.are_lines = true;
    reading.options.command.most_records = value.empty() ? 1 : parse_positive("-L", value);
}

void set_count(Reading& reading, const std::string& value) {
    if (value == "1" && !reading.options.xargs.item.empty()) {
        return;  // each line is one item then anyway
    }
    choose_one(reading.options, "-n");
    reading.options.command.most_records = parse_positive("-n", value);
}

void set_delimiter(Reading& reading, const std::string& value) {
    reading.options.xargs.splits = false;
    reading.options.records.delimiter = unescape("--delimiter", value);
    if (reading.options.records.delimiter.size() != 1) {
        refuse("-d", value, "one character");
    }
}

void set_jobs(Reading& reading, const std::string& value) {
    const std::size_t jobs = parse_number("-P", value);
    reading.options.jobs = jobs == 0 ? JobsSpec{JobsSpec::Kind::maximum, 0, {}}
                                     : JobsSpec{JobsSpec::Kind::count, static_cast<int>(jobs), {}};
}

struct XargsOption {
    const char* name;
    char letter;   // 0: none
    int argument;  // as getopt has it
    Apply apply;
};

constexpr auto kXargsOptions = std::to_array<XargsOption>({
    {"null", '0', no_argument,
     [](Reading& r, const std::string&) {
         r.options.xargs.splits = false;
         r.options.records.delimiter.assign(1, '\0');
     }},
    {"arg-file", 'a', required_argument,
     [](Reading& r, const std::string& v) {
         r.options.records.sources.clear();
         add_file(r, v);
     }},
    {"delimiter", 'd', required_argument, set_delimiter},
    {nullptr, 'E', required_argument,
     [](Reading& r, const std::string& v) { r.options.records.end_string = v; }},
    {"eof", 'e', optional_argument,
     [](Reading& r, const std::string& v) { r.options.records.end_string = v; }},
    {nullptr, 'I', required_argument, set_item},
    {"replace", 'i', optional_argument, set_item},
    {nullptr, 'L', required_argument, set_lines},
    {"max-lines", 'l', optional_argument, set_lines},
    {"max-args", 'n', required_argument, set_count},
    {"open-tty", 'o', no_argument,
     [](Reading& r, const std::string&) { r.options.xargs.opens_terminal = true; }},
    {"max-procs", 'P', required_argument, set_jobs},
    {"interactive", 'p', no_argument,
     [](Reading& r, const std::string&) { r.options.is_interactive = true; }},
    {"process-slot-var", 0, required_argument,
     [](Reading& r, const std::string& v) { r.options.xargs.slot_variable = v; }},
    {"no-run-if-empty", 'r', no_argument,
     [](Reading& r, const std::string&) { r.options.xargs.runs_if_empty = false; }},
    {"max-chars", 's', required_argument,
     [](Reading& r, const std::string& v) {
         r.options.command.most_bytes = parse_positive("-s", v);
     }},
    {"verbose", 't', no_argument,
     [](Reading& r, const std::string&) { r.options.print_to_stderr = true; }},
    {"help", 0, no_argument,
     [](Reading& r, const std::string&) { r.options.message = help_text(); }},
    {"version", 0, no_argument,
     [](Reading& r, const std::string&) { r.options.message = version_text(); }},
    {"exit", 'x', no_argument,
     [](Reading& r, const std::string&) { r.options.command.too_long_ends = true; }},
});

// One that can be met on the command line.
struct Known {
    std::string name;  // without dashes; one letter: a short one
    int argument;
    Apply apply;
};

// Those of xargs, then ours as far as xargs has none of that name.
std::vector<Known> known_options() {
    std::vector<Known> known;
    const auto add = [&](std::string name, int argument, Apply apply) {
        const auto has_name = [&](const Known& other) { return other.name == name; };
        if (std::none_of(known.begin(), known.end(), has_name)) {
            known.push_back({std::move(name), argument, apply});
        }
    };
    for (const XargsOption& option : kXargsOptions) {
        if (option.name != nullptr) {
            add(option.name, option.argument, option.apply);
        }
        if (option.letter != 0) {
            add(std::string(1, option.letter), option.argument, option.apply);
        }
    }
    for (const Option& option : option_table()) {
        for (std::string_view names = option.names; !names.empty();) {
            const std::string_view name = names.substr(0, names.find(','));
            names.remove_prefix(std::min(names.size(), name.size() + 1));
            add(std::string(name.substr(name.find_first_not_of('-'))),
                option.value == nullptr ? no_argument : required_argument, option.apply);
        }
    }
    return known;
}

// Applies the options and gives the number of words they took, the program's name included.
std::size_t read_options(const std::vector<std::string>& words, Reading& reading) {
    constexpr int kLong = 1000;
    const std::vector<Known> known = known_options();
    std::string letters = "+:";
    std::vector<::option> names;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const Known& option = known[i];
        if (option.name.size() == 1) {
            letters += option.name;
            letters.append(static_cast<std::size_t>(option.argument), ':');
        } else {
            names.push_back(
                {option.name.c_str(), option.argument, nullptr, kLong + static_cast<int>(i)});
        }
    }
    names.push_back({nullptr, 0, nullptr, 0});
    std::vector<char*> argv;
    for (const std::string& word : words) {
        argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    ::optind = 0;  // begin anew
    ::opterr = 0;
    for (int found = 0; (found = ::getopt_long(static_cast<int>(words.size()), argv.data(),
                                               letters.c_str(), names.data(), nullptr)) != -1;) {
        if (found == '?' || found == ':') {
            throw UsageError(
                fmt::format("{} '{}'", found == ':' ? "a value is missing after" : "unknown option",
                            words[static_cast<std::size_t>(::optind) - 1]),
                std::string(kAdvice));
        }
        const auto it = found >= kLong
                            ? known.begin() + (found - kLong)
                            : std::find_if(known.begin(), known.end(), [&](const Known& option) {
                                  return option.name == std::string(1, static_cast<char>(found));
                              });
        it->apply(reading, ::optarg == nullptr ? "" : ::optarg);
    }
    return static_cast<std::size_t>(::optind);
}

// What belongs to input and commands as xargs does not know them.
void refuse_foreign(const Reading& reading) {
    const Options& options = reading.options;
    const RecordsConfig& records = options.records;
    const std::pair<bool, std::string_view> foreign[]{
        {options.blocks.from != BlocksConfig::From::none, "--pipe"},
        {records.column_separator.has_value() || records.csv, "--colsep, --csv"},
        {!reading.header.empty(), "--header"},
        {records.shuffle, "--shuf"},
        {records.link_all, "--link"},
        {options.command.plus || !options.command.rewrites.empty(), "--plus, --rpl"}};
    for (const auto& [is_given, name] : foreign) {
        if (is_given) {
            throw UsageError(fmt::format("{} does not go with xargs mode", name),
                             "Try antsrun without it.");
        }
    }
}

}  // namespace

Options parse_xargs(const std::vector<std::string>& words) {
    Reading reading;
    Options& options = reading.options;
    options.argv = words;
    options.xargs.is_on = true;
    options.jobs = {JobsSpec::Kind::count, 1, {}};
    options.report = "none";
    const std::size_t taken = read_options(words, reading);
    refuse_foreign(reading);
    options.command.words.assign(words.begin() + static_cast<std::ptrdiff_t>(taken), words.end());
    if (options.command.words.empty()) {
        options.command.words = {"echo"};
    }
    const bool is_captured =
        reading.mode_asked || options.keep_order || options.tag || options.tagstring;
    if (!is_captured) {
        options.mode = OutputMode::ungrouped;
    }
    options.progress = options.progress && !reading.no_progress;
    options.print_to_stderr = options.print_to_stderr && !options.is_interactive;
    return options;
}

}  // namespace antsrun::cli
