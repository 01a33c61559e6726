// The launcher of this machine: builds what a job needs, starts it, watches it to its end.
//
// Made on the control thread; run() is called from any carrier, many at once. Must outlive all of
// them.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "job/job_clock.hpp"
#include "job/seams.hpp"
#include "run/child.hpp"
#include "run/spawn.hpp"

namespace antsrun {

struct LocalConfig {
    // The pid users see: ANTSRUN_PID and PARALLEL_PID of every job.
    pid_t visible_pid = 0;
    // Jobs at once: ANTSRUN_JOBS.
    int capacity = 1;
    std::string shell = "/bin/sh";
    // Not empty: a variable with the number of the slot, from 0.
    std::string slot_variable;
    // Names of variables that commands bring along: those the caller had are not passed on.
    std::vector<std::string> given_variables;
    // The environment jobs start from, NULL-terminated as environ; outlives the launcher.
    char** environment = nullptr;
    EndingRules ending;
    SpawnSettings spawn;
};

class LocalLauncher : public Launcher {
public:
    // `clock` outlives the launcher.
    LocalLauncher(LocalConfig config, const JobClock& clock);

    ants::Task<Outcome> run(const Command& command, JobIdentity identity, Sink& sink,
                            JobControl& control) override;

private:
    struct Text;
    struct Start;

    SpawnPlan make_plan(const Command& command, const Text& text) const;
    Result<Start> start(const Command& command, JobIdentity identity, const Sink& sink,
                        JobControl& control) const;
    NotStarted not_started(const Error& error, const Command& command) const;
    ants::Task<bool> wait_for_resources(JobControl& control, int& futile);
    void note_start();
    void note_end();
    std::vector<std::string> files_for(const Command& command) const;

    const LocalConfig config_;
    const JobClock& clock_;
    // The caller's environment less the variables we set.
    std::vector<char*> environment_;
    // The directories of PATH, each with its slash; empty for the current one.
    std::vector<std::string> path_;

    // Jobs that could not be started for want of resources wait here for another to end.
    std::mutex mutex_;
    int running_ = 0;                   // guarded by mutex_
    std::vector<JobControl*> waiting_;  // guarded by mutex_
};

}  // namespace antsrun
