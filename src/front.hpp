// antsrun is two processes from the start. The *front* is the one the user sees: it takes the
// signals, waits, and ends as the run ended. The *core*, in a session of its own, does the work and
// hears of signals only from the front, so that a signal to the group or by name is not taken
// twice. Each notices the death of the other and then ends everything below. Both are child
// subreapers: nothing a job starts can leave the tree.
#pragma once

#include <csignal>

#include <sys/types.h>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace antsrun {

// What the caller had set up, looked at before we change anything.
struct StartState {
    bool sigchld_ignored = false;
    bool sigpipe_ignored = false;
    // The signals that end a run, stop it or change its slots, less those the caller ignores
    // (nohup).
    sigset_t relayed;

    // The terminal of the caller, if it is needed; only the front could still open it.
    UniqueFd terminal;

    static StartState look();
};

// How the run ended and so how the front is to end.
struct Verdict {
    int exit_status = 255;
    int signal = 0;  // not 0: die by it
};

// The core's end of the link to its front.
struct FrontLink {
    // Readable: a byte for each signal the front was sent (its number); end of file: the front
    // died.
    UniqueFd socket;
    // The front's pid, the one users see.
    pid_t visible_pid = 0;

    // The core's answer to SIGTSTP: all jobs are stopped, so the front may.
    void say_stopped() const noexcept;

    // The last word of the core.
    void send(Verdict verdict) const noexcept;
};

// Become two processes. Returns in the core only; the front never returns. Call before the first
// thread. Afterwards all signals that concern us are blocked. An error: no second process could be
// had.
Result<FrontLink> split_off_core(const StartState& state);

}  // namespace antsrun
