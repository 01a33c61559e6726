#include "job/outcome.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <string_view>

namespace antsrun {
namespace {

TEST_CASE("outcome: cause, status and words of every way to end") {
    struct Row {
        Ending ending;
        Cause cause;
        int status;
        std::string_view text;
    };
    using Why = NotStarted::Why;
    for (const Row& row : {
             Row{Exited{0}, Cause::none, 0, "exit 0"},
             Row{Exited{3}, Cause::exit, 3, "exit 3"},
             Row{Exited{127}, Cause::exit, 127, "exit 127"},
             Row{Exited{127, true}, Cause::not_found, 127, "exit 127 (command not found)"},
             Row{Exited{126, true}, Cause::cannot_run, 126, "exit 126 (command cannot be run)"},
             Row{Signaled{SIGKILL}, Cause::signal, 137, "killed by SIGKILL"},
             Row{Signaled{SIGSEGV, true}, Cause::panic, 139, "crashed with SIGSEGV (core dumped)"},
             Row{NotStarted{Why::not_found, "gone"}, Cause::not_found, 127, "gone"},
             Row{NotStarted{Why::cannot_run, "no"}, Cause::cannot_run, 126, "no"},
             Row{Killed{SIGTERM}, Cause::killed, 143, "ended by antsrun with SIGTERM"},
             Row{Killed{0, 4}, Cause::killed, 4, "ended by antsrun, exit 4"},
             Row{Thrown{"bug"}, Cause::panic, 255, "internal error: bug"},
         }) {
        Outcome outcome;
        outcome.ending = row.ending;
        CAPTURE(row.text);
        CHECK(outcome.cause() == row.cause);
        CHECK(outcome.status() == row.status);
        CHECK(describe(outcome) == row.text);
        CHECK(outcome.succeeded() == (row.cause == Cause::none));
        CHECK(outcome.panicked() == (row.cause == Cause::panic));
    }
}

TEST_CASE("outcome: which signals are crashes") {
    for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS}) {
        CHECK(is_crash(signal));
    }
    for (const int signal : {SIGKILL, SIGTERM, SIGINT, SIGPIPE, SIGHUP}) {
        CHECK_FALSE(is_crash(signal));
    }
}

}  // namespace
}  // namespace antsrun
