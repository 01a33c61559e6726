// What was asked for on the command line, as a plain value. cli/parse makes it, app reads it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/failure_config.hpp"
#include "expand/command_config.hpp"
#include "read/blocks_config.hpp"
#include "read/records_config.hpp"

namespace antsrun::cli {

// The value of -j: how many jobs at once.
struct JobsSpec {
    enum class Kind {
        count,    // value jobs
        percent,  // value percent of the CPUs
        plus,     // the CPUs and value more
        minus,    // the CPUs less value, at least 1
        maximum,  // as many as the system's limits allow
        file,     // as a file says, read again when it changes
    };
    Kind kind = Kind::percent;
    int value = 100;
    std::string file{};
};

enum class OutputMode {
    group,          // a job's output appears whole
    line_buffered,  // whole lines at once
    ungrouped,      // the job writes to antsrun's own stdout and stderr
};

// What antsrun exits with when jobs have failed.
enum class ExitPolicy {
    count,  // how many
    any,    // 1
    max,    // the greatest status of a job
    xargs,  // 123 to 127, as xargs has it
};

enum class ColorMode { automatic, always, never };

// What xargs has and we have not, or otherwise.
struct XargsOptions {
    bool is_on = false;
    bool splits = true;      // at blanks, heeding quotes; false: -0, -d
    std::string item;        // -I; empty: arguments come last
    bool are_lines = false;  // -L
    bool runs_if_empty = true;
    bool opens_terminal = false;  // -o: it is the jobs' standard input
    std::string slot_variable;    // --process-slot-var; empty: none
    std::string chosen;           // of -I, -L and -n the last one
};

// --joblog and what goes on from one.
struct JournalOptions {
    enum class Resume {
        no,
        done,    // --resume: skip what is recorded
        failed,  // --resume-failed: but what has failed
        only,    // --retry-failed: run that, and nothing else
    };
    std::string file;  // empty: none
    bool appends = false;
    Resume resume = Resume::no;
};

struct Options {
    // Not empty: print this (--help, --version) and do nothing else.
    std::string message;

    RecordsConfig records;
    BlocksConfig blocks;

    CommandConfig command;
    std::string shell = "/bin/sh";
    bool dry_run = false;
    bool print_to_stdout = false;  // -v
    bool print_to_stderr = false;  // -t

    // Output.
    OutputMode mode = OutputMode::group;
    bool keep_order = false;
    bool tag = false;
    std::optional<std::string> tagstring;  // with tabs for \t
    ColorMode color = ColorMode::automatic;
    std::string report;  // FILE, "-" = stdout, "none"; empty: stderr
    bool progress = false;
    std::string results;  // a directory, or a template for one; empty: none
    std::size_t report_limit = 1000;
    std::string jsonl;  // FILE; empty: none

    // Running.
    JobsSpec jobs;
    bool is_interactive = false;  // -p
    std::chrono::nanoseconds delay{0};
    std::optional<double> most_load{};  // threads
    bool is_load_percent = false;       // of the CPUs
    std::uint64_t least_memory = 0;     // bytes
    std::optional<int> nice;
    std::optional<std::string> directory;  // --wd, with placeholders
    std::vector<std::string> variables;    // --env K=V, with placeholders in V

    // Failure.
    TimeLimitConfig time_limit;
    std::chrono::nanoseconds grace = std::chrono::seconds(2);  // between TERM and KILL
    RetryConfig retry;
    HaltConfig halt;
    std::string halt_text;  // as it was given
    ExitPolicy exit_policy = ExitPolicy::count;
    bool kill_strays = false;
    JournalOptions journal;

    XargsOptions xargs;

    // To be said before anything else.
    std::vector<std::string> warnings;

    // The whole command line, for the report.
    std::vector<std::string> argv;
};

}  // namespace antsrun::cli
