// How a job ended. A job that fails is not an error of antsrun but a value of this type, with one
// case for every way to end, so that each place that reads it has to think of all of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace antsrun {

// The process ran to its end and gave this status.
struct Exited {
    int code = 0;
    // A shell said 126 or 127 about the command it was to run, not the command itself.
    bool said_by_shell = false;
};

// The process died of a signal that antsrun did not send.
struct Signaled {
    int signal = 0;
    bool core_dumped = false;
};

// No process of the job ever ran.
struct NotStarted {
    enum class Why { not_found, cannot_run };
    Why why = Why::cannot_run;
    std::string message;
};

// It ran longer than it may, so antsrun ended it. `signal` is what it died of, 0 if it exited.
struct TimedOut {
    int signal = 0;
    int exit_code = 0;
};

// antsrun ended it because the run was stopping. `signal` is what it died of, 0 if it exited.
struct Killed {
    int signal = 0;
    int exit_code = 0;
};

// An exception escaped the worker that ran it: a bug of ours, contained.
struct Thrown {
    std::string what;
};

using Ending = std::variant<Exited, Signaled, NotStarted, TimedOut, Killed, Thrown>;

// The word the report uses for it. `none` is success.
enum class Cause { none, exit, signal, timeout, not_found, cannot_run, killed, panic };

struct Usage {
    double user_seconds = 0;
    double system_seconds = 0;
    // Starts at the size antsrun itself has: a child begins as a copy of its parent.
    std::int64_t max_rss_bytes = 0;
};

struct Outcome {
    Ending ending;
    // Wall clock, for people.
    std::chrono::system_clock::time_point started;
    // Measured by the monotonic clock.
    double seconds = 0;
    Usage usage;
    // Something the job started is still running, in its process group or holding its output open.
    bool leaked = false;
    // What it wrote that was captured: nothing is with --ungroup.
    std::uint64_t stdout_bytes = 0;
    std::uint64_t stderr_bytes = 0;
    // The end of what it wrote to stderr, at most kStderrTail bytes; empty if it was not captured.
    std::string stderr_tail;

    bool succeeded() const;
    // A crash by signal, or Thrown.
    bool panicked() const;
    bool timed_out() const { return std::holds_alternative<TimedOut>(ending); }
    Cause cause() const;
    // As a shell would put it in $?: the exit code, 128+n for a signal, 127 or 126; 124 if it took
    // too long, as timeout(1) has it.
    int status() const;
    // 0 if it did not die of one.
    int signal() const;
};

inline constexpr std::size_t kStderrTail = 2048;

// "exit", "signal", ... as in the report; "" for none.
std::string_view name_of(Cause cause);

// SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS: signals that mean "a bug in the
// program".
bool is_crash(int signal);

// "exit 3", "killed by SIGKILL", "crashed with SIGSEGV (core dumped)", "not found": for people.
std::string describe(const Outcome& outcome);

}  // namespace antsrun
