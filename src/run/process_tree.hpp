// Finding and ending whole trees of processes. As antsrun's processes are child subreapers,
// whatever a job leaves behind, in any session, stays below them: what is below is ours to end.
//
// Any thread; nothing here waits.
#pragma once

#include <sys/types.h>

#include <vector>

namespace antsrun {

// A process as /proc showed it.
struct Process {
    pid_t pid = 0;
    pid_t parent = 0;
    char state = 0;                     // as in ps: R, S, D, T, Z ...
    unsigned long long start_time = 0;  // with pid, the identity: numbers are reused
};

// All processes below `root` (not itself) that are not zombies, parents first. Subtrees that start
// at one of `spare` are left out.
std::vector<Process> processes_below(pid_t root, const std::vector<pid_t>& spare = {});

// The present children of this process, zombies included.
std::vector<pid_t> children_of_self();

// Send a signal to exactly this process, not to one that got its number later.
void send_signal(const Process& process, int signal) noexcept;

}  // namespace antsrun
