#include "cli/parse.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/quote.hpp"
#include "cli/option_table.hpp"
#include "cli/xargs.hpp"

namespace antsrun::cli {
namespace {

// --pipe, --pipepart: what goes together, and what options that others have too mean.
void settle_blocks(Reading& reading) {
    Options& options = reading.options;
    BlocksConfig& blocks = options.blocks;
    if (blocks.from == BlocksConfig::From::none) {
        if (blocks.round_robin || blocks.are_patterns) {
            throw UsageError(blocks.round_robin ? "--round-robin needs --pipe"
                                                : "--regexp needs --pipe or --pipepart",
                             "Try: antsrun --pipe --round-robin wc -l <FILE");
        }
        return;
    }
    const bool is_file = blocks.from == BlocksConfig::From::file;
    const std::string name = is_file ? "--pipepart" : "--pipe";
    if (options.command.words.empty()) {
        throw UsageError(name + " needs a command",
                         "Try: antsrun " + name + (is_file ? " -a FILE wc -l" : " wc -l <FILE"));
    }
    auto& sources = options.records.sources;
    const bool has_one_file = sources.size() == 1 && sources[0].is_file && sources[0].file != "-";
    if (is_file && !has_one_file) {
        throw UsageError("--pipepart needs one file", "Try: antsrun --pipepart -a FILE wc -l");
    }
    if (!is_file && !sources.empty()) {
        throw UsageError("--pipe reads standard input and nothing else",
                         "Try: antsrun --pipe wc -l <FILE, or --pipepart -a FILE");
    }
    const bool has_conflict =
        is_file && (blocks.removes_separators || options.command.most_records);
    if (has_conflict) {
        throw UsageError("--pipepart cuts by size alone, and changes nothing",
                         "Try --pipe <FILE with --rrs, -N and -L.");
    }
    if (!is_file && blocks.blocks_per_slot != 0) {
        throw UsageError("--block -N needs a file of known size", "Try --pipepart -a FILE.");
    }
    if (blocks.record_end.empty() && blocks.record_start.empty()) {
        throw UsageError("--recend '' leaves nothing that separates records", "Give a --recstart.");
    }
    if (blocks.round_robin && (is_file || options.retry.attempts != 1)) {
        throw UsageError(fmt::format("--round-robin does not go with {}",
                                     is_file ? "--pipepart" : "--retries: input is given once"),
                         is_file ? "Try --pipepart --block -1." : "Try --pipe without it.");
    }
    if (!blocks.are_patterns) {
        blocks.record_end = unescape("--recend", blocks.record_end);
        blocks.record_start = unescape("--recstart", blocks.record_start);
    }
    blocks.file = is_file ? std::exchange(sources, {}).front().file : "";
    blocks.most_records = options.command.most_records.value_or(0);
    options.command.batching = CommandConfig::Batching::none;
}

void settle_header(Reading& reading) {
    const bool has_blocks = reading.options.blocks.from != BlocksConfig::From::none;
    if (reading.header.empty() || (reading.header == ":" && !has_blocks)) {
        reading.options.records.header = !reading.header.empty();
        return;
    }
    if (!has_blocks) {
        refuse("--header", reading.header, "':', for the first line");
    }
    reading.options.blocks.header_lines =
        reading.header == ":" ? 1 : parse_number("--header", reading.header);
}

void check_journal(const Options& options) {
    using Resume = JournalOptions::Resume;
    const Resume resume = options.journal.resume;
    const std::string name = resume == Resume::only     ? "--retry-failed"
                             : resume == Resume::failed ? "--resume-failed"
                                                        : "--resume";
    if (resume != Resume::no && options.journal.file.empty()) {
        throw UsageError(name + " needs the log of an earlier run",
                         "Try: antsrun " + name + " --joblog FILE");
    }
    const bool has_input = !options.command.words.empty() || !options.records.sources.empty();
    if (resume == Resume::only && has_input) {
        throw UsageError("--retry-failed takes jobs from the log alone",
                         "Give no command and no input, or use --resume-failed.");
    }
    if (resume != Resume::no && options.blocks.from != BlocksConfig::From::none) {
        throw UsageError(name + " does not go with --pipe: nothing tells one block from another",
                         "Cut the input into files, and give them as arguments.");
    }
}

// What cannot be said before all options are known.
void check_together(const Options& options) {
    check_journal(options);
    if (options.mode == OutputMode::ungrouped && (options.tag || options.tagstring)) {
        throw UsageError("--ungroup excludes --tag and --tagstring: jobs write themselves",
                         "Try --line-buffer.");
    }
}

void add_options(CLI::App& app, Reading& reading) {
    for (const Option& option : option_table()) {
        const Apply apply = option.apply;
        if (option.value == nullptr) {
            app.add_flag_callback(option.names, [&reading, apply] { apply(reading, ""); });
            continue;
        }
        const auto set = [&reading, apply](const CLI::results_t& values) {
            for (const std::string& value : values) {
                apply(reading, value);
            }
            return true;
        };
        app.add_option(option.names, set)
            ->expected(1)
            ->allow_extra_args(false)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
}

// How many letters must be changed, added or taken away.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row[b.size()];
}

// The long name most like this one, if one is like it at all.
std::optional<std::string> nearest_name(std::string_view wrong) {
    std::optional<std::string> nearest;
    std::size_t least = wrong.size() / 2 + 1;
    const auto consider = [&](std::string_view name) {
        // The beginning of a name is as good as the whole: others take abbreviations.
        const std::size_t d = name.starts_with(wrong) ? 1 : distance(wrong, name);
        if (name.starts_with("--") && d < least) {
            least = d;
            nearest = std::string(name);
        }
    };
    for (const Option& option : option_table()) {
        std::string_view names = option.names;
        for (auto comma = names.find(','); comma != std::string_view::npos;
             comma = names.find(',')) {
            consider(names.substr(0, comma));
            names.remove_prefix(comma + 1);
        }
        consider(names);
    }
    consider("--help");
    consider("--version");
    return nearest;
}

[[noreturn]] void refuse_unknown(const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    const auto nearest = name.starts_with("--") ? nearest_name(name) : std::nullopt;
    throw UsageError(fmt::format("unknown option '{}'", name),
                     nearest ? fmt::format("Did you mean '{}'? Try 'antsrun --help'.", *nearest)
                             : std::string(kAdvice));
}

bool is_source_mark(const std::string& word) {
    return word == ":::" || word == "::::" || word == ":::+" || word == "::::+";
}

// The values of one mark: one source, or with files one for each.
void add_sources(Reading& reading, const std::string& mark, std::vector<std::string> values) {
    auto& sources = reading.options.records.sources;
    const bool is_linked = mark.ends_with('+');
    if (is_linked && sources.empty()) {
        throw UsageError(fmt::format("'{}' needs a source before it to go along with", mark),
                         "Try: antsrun command ::: a b :::+ 1 2");
    }
    if (mark.starts_with("::::")) {
        if (values.empty()) {
            throw UsageError(fmt::format("'{}' needs a file", mark),
                             "Give one or more: antsrun :::: FILE...");
        }
        for (const std::string& file : values) {
            add_file(reading, file);
            sources.back().is_linked = is_linked;
        }
        return;
    }
    SourceSpec source;
    source.values = std::move(values);
    source.is_linked = is_linked;
    sources.push_back(std::move(source));
}

// What follows the options: the command, then sources.
void take_rest(const std::vector<std::string>& rest, Reading& reading) {
    auto next = rest.begin();
    if (next != rest.end() && next->size() > 1 && next->starts_with('-') && *next != "--") {
        refuse_unknown(*next);
    }
    if (next != rest.end() && *next == "--") {
        ++next;
    }
    const auto first_mark = std::find_if(next, rest.end(), is_source_mark);
    reading.options.command.words.assign(next, first_mark);
    for (next = first_mark; next != rest.end();) {
        const auto end = std::find_if(next + 1, rest.end(), is_source_mark);
        add_sources(reading, *next, {next + 1, end});
        next = end;
    }
}

// Applies the options that `words` begin with. Gives the words behind them.
std::vector<std::string> read_options(const std::vector<std::string>& words, Reading& reading) {
    CLI::App app;
    app.set_help_flag();
    app.prefix_command();
    app.add_flag_callback("-h,--help", [&] { reading.options.message = help_text(); });
    app.add_flag_callback("--version", [&] { reading.options.message = version_text(); });
    add_options(app, reading);
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::ParseError& error) {
        throw UsageError(error.what(), std::string(kAdvice));
    }
    return app.remaining();
}

// $ANTSRUN_OPTS: what is said on the command line counts more.
void read_default_options(const std::string& text, Reading& reading) {
    const auto words = split_quoted(text);
    if (!words) {
        throw UsageError("$ANTSRUN_OPTS: unfinished quote", "Look at: echo \"$ANTSRUN_OPTS\"");
    }
    try {
        const auto rest = read_options(*words, reading);
        if (!rest.empty()) {
            throw UsageError(fmt::format("'{}' is no option", rest.front()), "Give options only.");
        }
    } catch (const UsageError& error) {
        throw error.inside("$ANTSRUN_OPTS");
    }
    reading.mode_asked = false;
}

}  // namespace

Options parse(const std::vector<std::string>& words) {
    const auto slash = words.empty() ? std::string::npos : words[0].rfind('/');
    const bool is_xargs = !words.empty() && words[0].substr(slash + 1) == "antsrun-xargs";
    const bool asks_for_it = words.size() > 1 && words[1] == "--xargs-mode";
    if (is_xargs || asks_for_it) {
        std::vector<std::string> rest = words;
        if (asks_for_it) {
            rest.erase(rest.begin() + 1);
        }
        try {
            return parse_xargs(rest);
        } catch (UsageError& error) {
            error.exit_status = 1;
            throw;
        }
    }
    Reading reading;
    if (const char* shell = std::getenv("ANTSRUN_SHELL"); shell != nullptr && *shell != '\0') {
        set_shell(reading, shell);
    }
    if (const char* given = std::getenv("ANTSRUN_OPTS"); given != nullptr) {
        read_default_options(given, reading);
    }
    const auto rest = read_options({words.begin() + 1, words.end()}, reading);
    reading.options.argv = words;
    if (reading.options.message.empty()) {
        take_rest(rest, reading);
        settle_header(reading);
        settle_blocks(reading);
        check_together(reading.options);
        reading.options.progress = reading.options.progress && !reading.no_progress;
    }
    return std::move(reading.options);
}

}  // namespace antsrun::cli
