// The middle of the program: takes jobs from the input, hands them to the pool when they may start,
// and hears of their end. Control thread only; run() is to be awaited on the control loop.
//
// Jobs are read one ahead of what runs, never more; those that are to run again go first. Every job
// read is told to the observer exactly once: finished or not started.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ants/pool.hpp"
#include "dispatch/gate.hpp"
#include "dispatch/retry.hpp"
#include "dispatch/time_limit.hpp"
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

struct DispatchConfig {
    RetryConfig retry;
    TimeLimitConfig time_limit;
    // The end of a job may be the end of the run: no job starts before those that have ended are
    // looked at. Slower.
    bool looks_first = false;
};

class Dispatcher {
public:
    explicit Dispatcher(Stages stages, DispatchConfig config = {})
        : stages_(stages),
          retry_(config.retry),
          looks_first_(config.looks_first),
          time_limit_(config.time_limit) {}

    // Run jobs until the input has ended, or stop was called, and all that were started have ended.
    ants::Task<> run();

    // Start nothing more; what was to run again has failed.
    void stop_starting();

    // Start nothing more and end what runs. A second call kills at once.
    void stop();

    // While paused nothing starts. After a pause those that run are told to look at the job clock.
    void pause(bool is_paused);

    // The pool has another capacity now.
    void note_tune() { place_.set(); }

    // The number of the job that runs with this leader; 0: none does.
    std::uint64_t job_led_by(int pid) const;

    bool is_stopping() const { return stopping_.load(); }

private:
    // One job on its way: shared by control and its worker.
    struct JobRun {
        Job job;
        std::shared_ptr<JobControl> control = std::make_shared<JobControl>();
        std::shared_ptr<Sink> sink;
        std::vector<Attempt> earlier;
        ants::Deadline due{};  // if it waits to run again
        // Written by the worker before it posts the event.
        std::string command;
        Outcome outcome;
        int slot = 0;
        bool started = false;
    };
    using RunPointer = std::shared_ptr<JobRun>;

    ants::Task<> read();
    void drop_read_ahead();
    ants::Task<> feed();
    ants::Task<RunPointer> next_run();
    static bool is_due_before(const RunPointer& a, const RunPointer& b) { return a->due < b->due; }
    RunPointer due_again();
    ants::Deadline next_due() const;
    bool may_come_again() const;
    void prepare(const RunPointer& run);
    static void begin_attempt(JobRun& run);
    static void take_back_attempt(JobRun& run);
    ants::Task<> wait_for_place();
    ants::Task<> submit(RunPointer run);
    ants::Task<> work(RunPointer run, int slot);
    ants::Task<> execute(JobRun& run, int slot);
    void post(RunPointer run);
    void handle(const RunPointer& run);
    bool is_to_run_again(const JobRun& run) const;
    void run_again(const RunPointer& run);
    void conclude(const RunPointer& run);
    void note_time(const Outcome& outcome);
    void tell_last();
    bool is_over() const;

    const Stages stages_;
    const RetryConfig retry_;
    const bool looks_first_;
    TimeLimit time_limit_;
    std::unordered_map<std::uint64_t, RunPointer> running_;  // handed to the pool, not yet ended
    std::vector<RunPointer> again_;                          // failed, and to run once more
    std::optional<Job> read_ahead_;
    bool is_reading_ = false;
    bool input_ended_ = false;
    bool has_in_hand_ = false;  // feed() has a job that is nowhere else
    bool is_fed_ = false;       // nothing will be handed to the pool any more
    bool is_paused_ = false;
    std::atomic<bool> stopping_{false};
    ants::Notice wanted_;  // for read(): one more
    ants::Notice ready_;   // for next_run(): a job was read, or ended, or none is to start
    ants::Notice place_;   // for wait_for_place(): a job has ended, the pause has, or all has

    // From workers to control.
    std::mutex mutex_;
    std::vector<RunPointer> ended_;  // guarded by mutex_
    ants::Notice news_;              // ended_ grew, or is_fed_, or a stop was asked for
};

}  // namespace antsrun
