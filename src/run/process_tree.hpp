// Finding and ending whole trees of processes. As antsrun's processes are child subreapers,
// whatever a job leaves behind, in any session, stays below them: what is below is ours to end.
//
// Any thread; nothing here waits.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace antsrun {

// A process as /proc showed it.
struct Process {
    pid_t pid = 0;
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    char state = 0;                     // as in ps: R, S, D, T, Z ...
    unsigned long long start_time = 0;  // with pid, the identity: numbers are reused

    bool is_same(const Process& other) const {
        return pid == other.pid && start_time == other.start_time;
    }
};

// All processes below `root` (not itself) that are not zombies, parents first. Subtrees that start
// at one of `spare` are left out.
std::vector<Process> processes_below(pid_t root, const std::vector<pid_t>& spare = {});

// What belongs to one job: what is in its session, what descends from its leader, orphans that did
// when they were seen last, and those that have its marks in their environment. Belongs to one
// carrier.
class JobTree {
public:
    // `leader`: not reaped before the last look.
    JobTree(pid_t leader, pid_t visible_pid, std::uint64_t seq);

    // Those that live now, without the leader if it has ended; parents first.
    std::vector<Process> look();

private:
    bool is_member(const Process& orphan) const;
    bool has_seen(const Process& process) const;

    const pid_t leader_;
    const pid_t visible_pid_;
    const std::uint64_t seq_;
    std::vector<Process> seen_;
};

// The present children of this process, zombies included.
std::vector<pid_t> children_of_self();

// It lives, and a signal has stopped it.
bool is_stopped(pid_t pid);

// Send a signal to exactly this process, not to one that got its number later.
void send_signal(const Process& process, int signal) noexcept;

}  // namespace antsrun
