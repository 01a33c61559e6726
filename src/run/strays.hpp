// What jobs leave behind: orphans that the core, a child subreaper, adopts when their parent dies.
// Control thread only: orphans become children of the main thread, while the leaders of jobs are
// children of the carriers that started them and are never touched here.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>

#include "ants/task.hpp"
#include "ants/wait.hpp"
#include "base/fd.hpp"

namespace antsrun {

class Strays {
public:
    // SIGCHLD must be blocked in all threads. `on_stopped` is called with the pid of a child of
    // whatever thread that a signal has stopped.
    explicit Strays(std::function<void(pid_t)> on_stopped);

    // Runs as long as the control loop: reaps adopted orphans as they die, and sees who is stopped.
    ants::Task<> reap();

    // End every process below this one: TERM and CONT, grace, KILL; again until none is left.
    ants::Task<> end_all(std::chrono::nanoseconds grace);

    // Stop every process below this one, wherever it came from; and let them go on.
    void stop_all();
    void continue_all();

    // Let end_all(), running or to come, kill at once.
    void hurry();

private:
    void reap_dead();
    void note_stopped();

    const std::function<void(pid_t)> on_stopped_;

    UniqueFd signals_;
    ants::Notice wake_;  // a child died, or hurry()
    bool in_hurry_ = false;
};

// Kill every process below this one and do not return before none is left. For the last moments of
// a process whose event loop no longer counts.
void kill_all_below() noexcept;

}  // namespace antsrun
