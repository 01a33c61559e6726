#include "cli/option_table.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/capacity.hpp"
#include "cli/completion.hpp"
#include "cli/failure_options.hpp"
#include "cli/parse.hpp"

namespace antsrun::cli {
namespace {

void set_delimiter(Reading& reading, const std::string& value) {
    std::string& delimiter = reading.options.records.delimiter;
    delimiter = unescape("--delimiter", value);
    if (delimiter.empty()) {
        refuse("--delimiter", value, "at least one character");
    }
}

void set_completion(Reading& reading, const std::string& value) {
    const auto script = completion(value);
    if (!script) {
        refuse("--completion", value, "bash, zsh or fish");
    }
    reading.options.message = *script;
}

void set_delay(Reading& reading, const std::string& value) {
    const auto delay = parse_duration(value);
    if (!delay) {
        refuse("--delay", value, "a time such as 1.5, 300ms or 1m30s");
    }
    reading.options.delay = *delay;
}

void set_load(Reading& reading, const std::string& value) {
    std::string_view text = value;
    const bool is_percent = text.ends_with('%');
    text.remove_suffix(is_percent ? 1 : 0);
    double load = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), load);
    if (error != std::errc{} || stop != text.data() + text.size() || !(load >= 0)) {
        refuse("--load", value, "a number of threads, or N% of the CPUs");
    }
    reading.options.most_load = load;
    reading.options.is_load_percent = is_percent;
}

void set_memory(Reading& reading, const std::string& value) {
    const auto size = parse_size(value);
    if (!size) {
        refuse("--memfree", value, "a size such as 500M or 2G");
    }
    reading.options.least_memory = *size;
}

void set_nice(Reading& reading, const std::string& value) {
    int nice = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), nice);
    if (error != std::errc{} || stop != value.data() + value.size() || nice < -20 || nice > 19) {
        refuse("--nice", value, "a number from -20 to 19");
    }
    reading.options.nice = nice;
}

void add_variable(Reading& reading, const std::string& value) {
    const auto equals = value.find('=');
    if (equals == 0 || value.empty()) {
        refuse("--env", value, "NAME=VALUE");
    }
    if (equals != std::string::npos) {  // a name alone: jobs have that variable anyway
        reading.options.variables.push_back(value);
    }
}

void set_block(Reading& reading, const std::string& value) {
    BlocksConfig& blocks = reading.options.blocks;
    const bool is_per_slot = value.starts_with('-');
    const auto size = parse_size(value.substr(is_per_slot ? 1 : 0));
    if (!size || *size == 0) {
        refuse("--block", value, "a size such as 500K or 10M, or -N for N blocks a slot");
    }
    (is_per_slot ? blocks.blocks_per_slot : blocks.block_size) = *size;
}

// Alone it says all: whatever is before it ends a record.
void set_record_start(Reading& reading, const std::string& value) {
    reading.options.blocks.record_start = value;
    if (!reading.record_end_asked) {
        reading.options.blocks.record_end.clear();
    }
}

void set_record_end(Reading& reading, const std::string& value) {
    reading.record_end_asked = true;
    reading.options.blocks.record_end = value;
}

void set_trim(Reading& reading, const std::string& value) {
    constexpr std::array<std::pair<std::string_view, Trim>, 5> kSides{{{"n", Trim::none},
                                                                       {"l", Trim::left},
                                                                       {"r", Trim::right},
                                                                       {"lr", Trim::both},
                                                                       {"rl", Trim::both}}};
    for (const auto& [name, sides] : kSides) {
        if (value == name) {
            reading.options.records.trim = sides;
            return;
        }
    }
    refuse("--trim", value, "n, l, r or lr");
}

void set_seed(Reading& reading, const std::string& value) {
    reading.options.records.seed = parse_number("--seed", value);
}

template <bool repeat>
void set_most_records(Reading& reading, const std::string& value) {
    CommandConfig& command = reading.options.command;
    command.most_records = parse_number(repeat ? "-N" : "-n", value);
    if (command.batching == CommandConfig::Batching::none) {
        command.batching = CommandConfig::Batching::records;
        command.repeat = repeat;
    }
}

void set_most_lines(Reading& reading, const std::string& value) {
    CommandConfig& command = reading.options.command;
    command.most_records = parse_number("-L", value);
    command.repeat = command.batching != CommandConfig::Batching::fill || command.repeat;
    command.batching = CommandConfig::Batching::lines;
}

// Whether with -n or without: the word is repeated as asked for here.
void fill(Reading& reading, bool repeat, bool spread) {
    CommandConfig& command = reading.options.command;
    if (command.batching != CommandConfig::Batching::lines) {
        command.batching = CommandConfig::Batching::fill;
    }
    command.repeat = repeat;
    command.spread = spread;
}

void set_item(Reading& reading, const std::string& value) {
    if (value.empty()) {
        refuse("-I", value, "some text to stand for the arguments");
    }
    reading.options.command.item = value;
}

void set_jobs(Reading& reading, const std::string& value) {
    auto spec = parse_jobs(value);
    if (!spec && ::access(value.c_str(), R_OK) == 0) {
        spec = JobsSpec{JobsSpec::Kind::file, 1, value};
    }
    if (!spec) {
        refuse("--jobs", value, "a number of jobs, N%, +N or -N of the CPUs, 0, or a file");
    }
    reading.options.jobs = *spec;
}

void set_report_limit(Reading& reading, const std::string& value) {
    reading.options.report_limit = parse_number("--report-limit", value);
}

void set_results(Reading& reading, const std::string& value) {
    // GNU parallel would write a table.
    const bool is_table =
        value.ends_with(".csv") || value.ends_with(".tsv") || value.ends_with(".json");
    if (value.empty() || is_table) {
        refuse("--results", value, "a directory; for a file of all results see --jsonl");
    }
    reading.options.results = value;
}

void set_jsonl(Reading& reading, const std::string& value) {
    if (value.empty() || value == "-") {
        refuse("--jsonl", value, "a file; standard output belongs to the jobs");
    }
    reading.options.jsonl = value;
}

void set_color(Reading& reading, const std::string& value) {
    if (value == "auto") {
        reading.options.color = ColorMode::automatic;
    } else if (value == "always") {
        reading.options.color = ColorMode::always;
    } else if (value == "never") {
        reading.options.color = ColorMode::never;
    } else {
        refuse("--color", value, "auto, always or never");
    }
}

void set_mode(Reading& reading, OutputMode mode) {
    if (reading.mode_asked && reading.options.mode != mode) {
        throw UsageError("--group, --line-buffer and --ungroup exclude each other",
                         "Give one of them.");
    }
    reading.mode_asked = true;
    reading.options.mode = mode;
}

// "\t" stands for a tab; other backslashes are just that.
std::string with_tabs(std::string text) {
    for (std::size_t at = 0; (at = text.find("\\t", at)) != std::string::npos; ++at) {
        text.replace(at, 2, "\t");
    }
    return text;
}

// The one place where options are named.
constexpr auto kOptions = std::to_array<Option>({
    {"-a,--arg-file", "FILE", "Input", "read jobs from FILE (- is stdin); may be repeated",
     [](Reading& r, const std::string& v) { add_file(r, v); }},
    {"-0,--null", nullptr, "Input", "a NUL byte ends each job, not a newline",
     [](Reading& r, const std::string&) { r.options.records.delimiter.assign(1, '\0'); }},
    {"-d,--delimiter", "TEXT", "Input", "TEXT ends each job; \\t \\n \\0 \\\\ \\xHH \\ooo",
     set_delimiter},
    {"-r,--no-run-if-empty", nullptr, "Input", "leave out lines that are empty or blank",
     [](Reading& r, const std::string&) { r.options.records.drop_blank = true; }},
    {"-E", "TEXT", "Input", "an item TEXT ends the input",
     [](Reading& r, const std::string& v) { r.options.records.end_string = v; }},
    {"-C,--colsep", "REGEX", "Input", "split each line into columns {1} {2} ... at REGEX",
     [](Reading& r, const std::string& v) { r.options.records.column_separator = v; }},
    {"--csv", nullptr, "Input", "split each line into columns as CSV has them (RFC 4180)",
     [](Reading& r, const std::string&) { r.options.records.csv = true; }},
    {"--header", ":", "Input", "the first line, or value of a source, names columns: {name}",
     [](Reading& r, const std::string& v) { r.header = v; }},
    {"--trim", "SIDES", "Input", "trim white space: n none, l left, r right, lr both", set_trim},
    {"--link", nullptr, "Input", "sources go in step, short ones start over",
     [](Reading& r, const std::string&) { r.options.records.link_all = true; }},
    {"--shuf", nullptr, "Input", "read all, then run in random order",
     [](Reading& r, const std::string&) { r.options.records.shuffle = true; }},
    {"--seed", "N", "Input", "for --shuf: the same order each time", set_seed},

    {"-I", "TEXT", "Command", "TEXT stands for the arguments, instead of {}", set_item},
    {"--plus", nullptr, "Command", "more placeholders: {..} {+.} {+/} {#pre} {%suf} {/a/b} ...",
     [](Reading& r, const std::string&) { r.options.command.plus = true; }},
    {"--rpl", "SPEC", "Command",
     "SPEC 'NAME s/REGEX/TEXT/': NAME stands for the argument so changed",
     [](Reading& r, const std::string& v) { r.options.command.rewrites.push_back(v); }},
    {"-q,--quote", nullptr, "Command", "nothing in the command is shell syntax",
     [](Reading& r, const std::string&) { r.options.command.quote = true; }},
    {"-n,--max-args", "N", "Command", "at most N arguments in one job", set_most_records<false>},
    {"-N,--max-replace-args", "N", "Command", "N arguments in one job: {1} {2} ...",
     set_most_records<true>},
    {"-L,--max-lines,-l", "N", "Command", "N lines in one job; a trailing blank joins lines",
     set_most_lines},
    {"-X", nullptr, "Command", "as many arguments as fit, the word round {} for each",
     [](Reading& r, const std::string&) { fill(r, true, true); }},
    {"-m", nullptr, "Command", "as many arguments as fit",
     [](Reading& r, const std::string&) { fill(r, false, true); }},
    {"--xargs", nullptr, "Command", "as -m, but all slots need not have work at the end",
     [](Reading& r, const std::string&) { fill(r, false, false); }},
    {"-s,--max-chars", "BYTES", "Command", "the longest command, in bytes",
     [](Reading& r, const std::string& v) {
         r.options.command.most_bytes = parse_number("--max-chars", v);
     }},
    {"-x,--exit", nullptr, "Command", "end when an argument is too long",
     [](Reading& r, const std::string&) { r.options.command.too_long_ends = true; }},
    {"--shell", "PATH", "Command",
     "run jobs with PATH -c, or none (default $ANTSRUN_SHELL or /bin/sh)", set_shell},
    {"--dry-run", nullptr, "Command", "print what would run, run nothing",
     [](Reading& r, const std::string&) { r.options.dry_run = true; }},
    {"-v,--verbose", nullptr, "Command", "print each command on stdout before its output",
     [](Reading& r, const std::string&) { r.options.print_to_stdout = true; }},
    {"-t", nullptr, "Command", "print each command on stderr before its output",
     [](Reading& r, const std::string&) { r.options.print_to_stderr = true; }},

    {"--group", nullptr, "Output", "print a job's output whole, when it ends (default)",
     [](Reading& r, const std::string&) { set_mode(r, OutputMode::group); }},
    {"-k,--keep-order", nullptr, "Output", "print outputs in the order of the input",
     [](Reading& r, const std::string&) { r.options.keep_order = true; }},
    {"--lb,--line-buffer", nullptr, "Output", "print whole lines as soon as they are there",
     [](Reading& r, const std::string&) { set_mode(r, OutputMode::line_buffered); }},
    {"-u,--ungroup", nullptr, "Output", "let jobs write to stdout and stderr themselves",
     [](Reading& r, const std::string&) { set_mode(r, OutputMode::ungrouped); }},
    {"--tag", nullptr, "Output", "put a job's arguments and a tab before each line it prints",
     [](Reading& r, const std::string&) { r.options.tag = true; }},
    {"--tagstring", "TEXT", "Output", "put TEXT ({} {#} \\t ...) and a tab before each line",
     [](Reading& r, const std::string& v) { r.options.tagstring = with_tabs(v); }},
    {"--progress,--bar,--eta", nullptr, "Output", "show on stderr how far the run is",
     [](Reading& r, const std::string&) { r.options.progress = true; }},
    {"--no-progress", nullptr, "Output", "do not, whatever else is said",
     [](Reading& r, const std::string&) { r.no_progress = true; }},
    {"--results", "DIR", "Output", "write each job's output to files below DIR, or named by {}",
     set_results},
    {"--report", "FILE", "Output", "write the JSON report to FILE (- is stdout), or none",
     [](Reading& r, const std::string& v) { r.options.report = v; }},
    {"--report-limit", "N", "Output", "list at most N failures, panics, workers (default 1000)",
     set_report_limit},
    {"--jsonl", "FILE", "Output", "write a line of JSON to FILE for each job as it ends",
     set_jsonl},
    {"--color", "WHEN", "Output", "auto, always or never", set_color},

    {"-p,--interactive", nullptr, "Running", "ask on the terminal before each job",
     [](Reading& r, const std::string&) { r.options.is_interactive = true; }},
    {"-j,-P,--jobs,--max-procs", "N", "Running",
     "N jobs at once; N%, +N, -N of the CPUs; 0: the most; or a FILE (default 100%)", set_jobs},

    {"--delay", "TIME", "Running", "wait so long between one start and the next", set_delay},
    {"--load", "N", "Running",
     "start nothing while more than N threads, or N% of the CPUs, are busy", set_load},
    {"--memfree", "SIZE", "Running", "start nothing while less memory than SIZE is free",
     set_memory},
    {"--nice", "N", "Running", "run jobs with their priority lowered by N", set_nice},
    {"--wd,--workdir", "DIR", "Running", "run jobs in DIR, which may have {} in it",
     [](Reading& r, const std::string& v) { r.options.directory = v; }},
    {"--env", "K=V", "Running", "give jobs a variable; V may have {} in it", add_variable},

    {"--pipe,--spreadstdin", nullptr, "Pipe", "give each job a block of stdin as its own",
     [](Reading& r, const std::string&) {
         r.options.blocks.from = BlocksConfig::From::standard_input;
     }},
    {"--pipepart", nullptr, "Pipe", "give each job a part of the file given with -a",
     [](Reading& r, const std::string&) { r.options.blocks.from = BlocksConfig::From::file; }},
    {"--block", "SIZE", "Pipe", "size of a block (default 1M); -N: N blocks a slot", set_block},
    {"--recend", "TEXT", "Pipe", "records end with TEXT (default \\n)", set_record_end},
    {"--recstart", "TEXT", "Pipe", "records begin with TEXT", set_record_start},
    {"--regexp", nullptr, "Pipe", "--recend and --recstart are regular expressions",
     [](Reading& r, const std::string&) { r.options.blocks.are_patterns = true; }},
    {"--round-robin,--roundrobin,--round", nullptr, "Pipe",
     "start as many jobs as there are slots, and deal the blocks out to them",
     [](Reading& r, const std::string&) { r.options.blocks.round_robin = true; }},
    {"--rrs,--remove-rec-sep", nullptr, "Pipe", "leave out the texts at which records were cut",
     [](Reading& r, const std::string&) { r.options.blocks.removes_separators = true; }},

    {"--timeout", "TIME", "Failure",
     "end a job after TIME, or N% of the median of jobs; it has failed", set_timeout},
    {"--grace", "TIME", "Failure", "between SIGTERM and SIGKILL (default 2 s)", set_grace},
    {"--retries", "N", "Failure", "try a job N times in all; 0: until it succeeds", set_retries},
    {"--retry-delay", "TIME", "Failure", "before a job is tried again, then twice that, ...",
     set_retry_delay},
    {"--halt", "WHEN", "Failure",
     "now,fail=1: end all when a job has failed; soon: start no more; N, N%, success, done",
     set_halt},
    {"--exit-status", "POLICY", "Failure", "count failed jobs (default), any, max or xargs",
     set_exit_policy},
    {"--joblog", "FILE", "Failure", "write a line for each job that ends; +FILE: add to it",
     set_joblog},
    {"--resume", nullptr, "Failure", "leave out the jobs that are in the joblog",
     [](Reading& r, const std::string&) {
         r.options.journal.resume = JournalOptions::Resume::done;
     }},
    {"--resume-failed", nullptr, "Failure", "as --resume, but run those again that have failed",
     [](Reading& r, const std::string&) {
         r.options.journal.resume = JournalOptions::Resume::failed;
     }},
    {"--retry-failed", nullptr, "Failure", "run what has failed, from the joblog alone",
     [](Reading& r, const std::string&) {
         r.options.journal.resume = JournalOptions::Resume::only;
     }},
    {"--kill-strays", nullptr, "Failure", "end what a job leaves running in the background",
     [](Reading& r, const std::string&) { r.options.kill_strays = true; }},

    {"--completion", "SHELL", "Other", "print a script that completes options: bash, zsh or fish",
     set_completion},
    {"--xargs-mode", nullptr, "Other", "be xargs: its options and rules; must come first",
     [](Reading&, const std::string&) {
         throw UsageError("--xargs-mode must be the first option", "Try: antsrun --xargs-mode ...");
     }},
    {"--will-cite,--no-notice,--gnu,--plain", nullptr, "Other", "accepted for GNU parallel's sake",
     [](Reading&, const std::string&) {}},
});

std::string spaced(std::string names) {
    for (std::size_t comma = 0; (comma = names.find(',', comma)) != std::string::npos; ++comma) {
        names.insert(comma + 1, " ");
    }
    return names;
}

}  // namespace

void set_shell(Reading& reading, const std::string& value) {
    if (!value.starts_with('/') && value != kNoShell) {
        refuse("--shell", value, "an absolute path, such as /bin/bash, or none");
    }
    reading.options.shell = value;
}

std::span<const Option> option_table() { return kOptions; }

std::string help_text() {
    std::string text =
        "Usage: antsrun [options] < jobs                          each line is a command\n"
        "       antsrun [options] command [word...] < items       each line is an argument\n"
        "       antsrun [options] command [word...] ::: item...   items from the command line\n"
        "       antsrun [options] command [word...] :::: file...  items from files\n\n"
        "Run commands in parallel and tell what happened.\n";
    std::string_view group;
    for (const Option& option : kOptions) {
        if (group != option.group) {
            group = option.group;
            text += fmt::format("\n{}:\n", group);
        }
        std::string names = spaced(option.names);
        if (option.value != nullptr) {
            names += fmt::format(" {}", option.value);
        }
        text += names.size() > 26 ? fmt::format("  {}\n  {:26}  {}\n", names, "", option.help)
                                  : fmt::format("  {:26}  {}\n", names, option.help);
    }
    text +=
        "\n  -h, --help                  print this\n"
        "  --version                   print the version\n"
        "\nExit status: 0 all jobs succeeded; 1-100 so many failed; 101 more than 100;\n"
        "255 wrong usage, or antsrun itself failed.\nmanual: man antsrun\n";
    return text;
}

std::string version_text() { return fmt::format("antsrun {}\n", ANTSRUN_VERSION); }

void refuse(std::string_view option, std::string_view value, std::string_view expected) {
    throw UsageError(fmt::format("{} '{}': expected {}", option, value, expected),
                     std::string(kAdvice));
}

std::size_t parse_number(std::string_view option, const std::string& value) {
    const char* const end = value.data() + value.size();
    std::size_t result = 0;
    const auto [stop, error] = std::from_chars(value.data(), end, result);
    if (error != std::errc{} || stop != end) {
        refuse(option, value, "a number");
    }
    return result;
}

std::string unescape(std::string_view option, const std::string& text) {
    const auto code = [&](std::size_t begin, std::size_t most, int base) {
        unsigned value = 0;
        const char* const first = text.data() + begin;
        const char* const last = first + std::min(most, text.size() - begin);
        const auto [stop, error] = std::from_chars(first, last, value, base);
        if (error != std::errc{} || value > 255) {
            refuse(option, text, "a text with \\t \\n \\0 \\\\ \\xHH or \\ooo in it");
        }
        return std::pair{static_cast<char>(value), static_cast<std::size_t>(stop - first)};
    };
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            bytes += text[i];
            continue;
        }
        const char kind = ++i < text.size() ? text[i] : ' ';
        constexpr std::string_view kLetters = "abfnrtv\\";
        constexpr std::string_view kBytes = "\a\b\f\n\r\t\v\\";
        if (const auto letter = kLetters.find(kind); letter != std::string_view::npos) {
            bytes += kBytes[letter];
            continue;
        }
        const auto [byte, length] = kind == 'x' ? code(i + 1, 2, 16) : code(i, 3, 8);
        bytes += byte;
        i += kind == 'x' ? length : length - 1;
    }
    return bytes;
}

void add_file(Reading& reading, const std::string& name) {
    SourceSpec source;
    source.is_file = true;
    source.file = name;
    reading.options.records.sources.push_back(std::move(source));
}

}  // namespace antsrun::cli
