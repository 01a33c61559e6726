// Starting one process: the only place of the program that does.
//
// The child shares our memory until it executes (CLONE_VM | CLONE_VFORK): nothing is copied, and
// what went wrong in it comes back through memory. The calling thread sleeps meanwhile. Everything
// the child needs is prepared before, because the child may only make system calls.
//
// Any carrier may call spawn(); each has a stack of its own for its children.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace antsrun {

// The highest open descriptor that is not close-on-exec.
int highest_inherited();

// What every job of a run has in common. Made once, before the first carrier; read-only afterwards.
struct SpawnSettings {
    // The process that must be the parent: a job whose parent has changed before it could ask for
    // PR_SET_PDEATHSIG ends itself.
    pid_t parent = 0;
    // What jobs get as standard input.
    UniqueFd input;
    // SIGCHLD was ignored when antsrun was started, and so it is in jobs.
    bool ignore_sigchld = false;
    // The highest descriptor that jobs inherit from the caller: see highest_inherited().
    int highest_inherited = 2;
    // Their priority, as setpriority(2) has it; not set: as ours.
    std::optional<int> priority;
    // The limit on descriptors to give back to jobs, if antsrun raised its own.
    std::optional<rlimit> descriptors;
};

// One program to start.
struct SpawnPlan {
    // Files to try in turn, as a shell goes through PATH. May be empty.
    std::vector<std::string> files;
    // NULL-terminated.
    std::vector<char*> arguments;
    // Tried when none of `files` can be executed, so that the message and status are the shell's
    // own: path of the shell and its arguments. Empty: none.
    std::string shell;
    std::vector<char*> shell_arguments;
    // NULL-terminated.
    std::vector<char*> environment;
    // Where it runs; empty: here.
    std::string directory;
    // Becomes descriptor 0; -1: the usual input.
    int in = -1;
    // Become descriptors 1 and 2.
    int out = -1;
    int err = -1;
};

// A process just started, in a session and process group of its own, both numbered `pid`.
struct Spawned {
    pid_t pid = 0;
    UniqueFd exited;  // pidfd
    // The shell of the plan was executed, not one of the files.
    bool through_shell = false;
};

// Start it. The error's code is that of clone (EAGAIN, ENOMEM, EMFILE: nothing was started, try
// again later) or of execve (the child is already gone).
Result<Spawned> spawn(const SpawnPlan& plan, const SpawnSettings& settings);

// The error of a start that may succeed when another job has ended. Nothing of the job has run.
bool is_shortage(const Error& error);

}  // namespace antsrun
