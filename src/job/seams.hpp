// The small seams between dispatch and the stages it drives. dispatch sees only these; app puts the
// real stages behind them, tests put fakes.
//
// Threads: everything here belongs to the control thread except Renderer, Launcher and Sink, which
// are used by the worker (a carrier thread) that runs the job, and JobControl, which says who may
// call what.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ants/task.hpp"
#include "ants/wait.hpp"
#include "job/job.hpp"
#include "job/outcome.hpp"

namespace antsrun {

enum class Stream { out, err };

// Where records come from, lazily.
class RecordSource {
public:
    virtual ~RecordSource() = default;

    // The next record, or nothing at the end of the input. May wait for input.
    virtual ants::Task<std::optional<Record>> next() = 0;

    // After the end: why the input could not be read to its end; empty if it was.
    virtual std::string error() const = 0;
};

// Where jobs come from, lazily.
class JobSource {
public:
    virtual ~JobSource() = default;

    // The next job, or nothing at the end of the input. May wait for input.
    virtual ants::Task<std::optional<Job>> next() = 0;

    // After the end: why the input could not be read to its end; empty if it was.
    virtual std::string error() const = 0;
};

// What control says to one running job. Shared by control and the job's worker.
class JobControl {
public:
    // End the job: TERM, grace, KILL. A second call kills at once. Any thread.
    void request_stop() noexcept {
        stop_requests_.fetch_add(1);
        notice.set();
    }
    int stop_requests() const noexcept { return stop_requests_.load(); }

    // How long the job may run, by the job clock. Any thread, at any time.
    void set_limit(std::chrono::nanoseconds limit) noexcept {
        limit_.store(limit.count());
        notice.set();
    }
    std::chrono::nanoseconds limit() const noexcept {
        return std::chrono::nanoseconds(limit_.load());
    }
    static constexpr auto kNoLimit = std::chrono::nanoseconds::max();

    // The process that leads the job; 0: none has been started yet. Any thread.
    void set_leader(int pid) noexcept { leader_.store(pid); }
    int leader() const noexcept { return leader_.load(); }

    // Wakes the worker for whatever has changed: a stop request, the limit, the job clock, or the
    // Sink.
    ants::Notice notice;

private:
    std::atomic<int> stop_requests_{0};
    std::atomic<int> leader_{0};
    std::atomic<std::int64_t> limit_{kNoLimit.count()};
};

// Takes the output of one attempt at a job from its worker.
class Sink {
public:
    virtual ~Sink() = default;

    // The job is about to start, as this command: its line is printed with -v or -t, its tag
    // stands before the lines of its output, its results say where that goes. Returns why the job
    // cannot be run because there is no place for its output; empty if there is.
    virtual std::string begin(const Command& command) = 0;

    // The worker looks here each time it wakes: may it read more of the job's output now? When the
    // answer changes from no to yes, JobControl::notice is set.
    virtual bool is_ready() = 0;

    // Take bytes. Never refuses, never blocks for long: the bound is kept by is_ready().
    virtual void write(Stream stream, std::string_view bytes) = 0;

    // A descriptor the job is to write to itself, or -1: capture through a pipe.
    virtual int passed_through(Stream stream) const = 0;

    // The last bytes written to stderr, at most kStderrTail.
    virtual std::string stderr_tail() const = 0;
};

// Turns a job into a command. Pure; called from any carrier.
class Renderer {
public:
    virtual ~Renderer() = default;
    virtual Command render(const Job& job, int slot) const = 0;
};

// What a job may know about itself, put into its environment.
struct JobIdentity {
    std::uint64_t seq = 0;
    int slot = 0;
    int attempt = 1;
};

// Starts a command, watches it to its end. Called from carriers, many at once.
class Launcher {
public:
    virtual ~Launcher() = default;

    // Returns when the job is over: its leader has exited and what it wrote is in `sink`. `sink`
    // and `control` outlive the call. Failures to start are Outcomes.
    virtual ants::Task<Outcome> run(const Command& command, JobIdentity identity, Sink& sink,
                                    JobControl& control) = 0;
};

// The emitting stage as dispatch sees it.
class Output {
public:
    virtual ~Output() = default;

    // A job is about to be handed to the pool: give it a place for its output. `control` outlives
    // the sink. Opened again for another attempt: what is held of the one before is dropped as
    // soon as this one begins.
    virtual std::shared_ptr<Sink> open(const Job& job, std::shared_ptr<JobControl> control) = 0;

    // The job has ended, or never started, and nobody writes to its sink any more.
    virtual void close(const Job& job) = 0;

    // This job is the only one open and no other will follow: it need not hold anything back.
    virtual void mark_last(const Job& job) = 0;

    // Wait until few enough bytes wait for the reader of stdout. Returns at once if broken.
    virtual ants::Task<> room() = 0;

    // Output can no longer be written: errno of the first failed write, else 0.
    virtual int broken() const = 0;
};

// One run of a job, after which there was another.
struct Attempt {
    int slot = 0;
    Outcome outcome;
};

// One finished job as observers see it.
struct Finished {
    const Job& job;
    std::string_view command;
    int slot;
    const Outcome& outcome;
    // What went before, all failures; not more than kKeptAttempts, the last ones.
    std::span<const Attempt> earlier{};
};

inline constexpr std::size_t kKeptAttempts = 20;

// Counts, writes journals, shows progress.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void on_read(const Job& job) = 0;
    // All jobs have been read.
    virtual void on_input_end() {}
    virtual void on_finished(const Finished& finished) = 0;
    // Read but never started, because the run was stopping.
    virtual void on_not_started(const Job& job) = 0;
    // Read, but not to be run: an earlier run has done it.
    virtual void on_skipped(const Job& /*job*/) {}
};

}  // namespace antsrun
