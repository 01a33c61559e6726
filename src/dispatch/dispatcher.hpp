// The middle of the program: takes jobs from the input, hands them to the pool when they may start,
// and hears of their end. Control thread only; run() is to be awaited on the control loop.
//
// Jobs are read one ahead of what runs, never more. Every job read is told to the observer exactly
// once: finished or not started.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "ants/pool.hpp"
#include "dispatch/gate.hpp"
#include "job/seams.hpp"

namespace antsrun {

// The stages that a dispatcher drives. All outlive it.
struct Stages {
    ants::Pool& pool;
    JobSource& jobs;
    const Renderer& renderer;
    Launcher& launcher;
    Output& output;
    Observer& observer;
    Gate& gate;
};

class Dispatcher {
public:
    explicit Dispatcher(Stages stages) : stages_(stages) {}

    // Run jobs until the input has ended, or stop was called, and all that were started have ended.
    ants::Task<> run();

    // Start nothing more.
    void stop_starting();

    // Start nothing more and end what runs. A second call kills at once.
    void stop();

    // The pool has another capacity now.
    void note_tune() { place_.set(); }

    bool is_stopping() const { return stopping_.load(); }

private:
    // One job on its way: shared by control and its worker.
    struct JobRun {
        Job job;
        std::shared_ptr<JobControl> control;
        std::shared_ptr<Sink> sink;
        // Written by the worker before it posts the event.
        std::string command;
        Outcome outcome;
        int slot = 0;
        bool started = false;
    };
    using RunPointer = std::shared_ptr<JobRun>;

    ants::Task<> feed();
    ants::Task<> pass_gate();
    ants::Task<> submit(RunPointer run);
    ants::Task<> work(RunPointer run, int slot);
    ants::Task<> execute(JobRun& run, int slot);
    void post(RunPointer run);
    void handle(const RunPointer& run);
    void tell_last();
    bool is_over() const;

    const Stages stages_;
    std::unordered_map<std::uint64_t, RunPointer> running_;  // handed to the pool, not yet ended
    bool input_ended_ = false;
    std::atomic<bool> stopping_{false};
    ants::Notice place_;  // a job has ended, or none is to start

    // From workers to control.
    std::mutex mutex_;
    std::vector<RunPointer> ended_;  // guarded by mutex_
    ants::Notice news_;              // ended_ grew, or the input ended, or a stop was asked for
};

}  // namespace antsrun
