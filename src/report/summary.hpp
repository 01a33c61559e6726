// What happened in a run, counted while it happens: the numbers, failures and panics of the report.
// Belongs to the control thread. Memory does not grow with the number of jobs: lists and texts are
// bounded, what does not fit is counted. A successful job costs a few dozen nanoseconds and no
// allocation.
//
// summary_json.hpp turns it into the text of the report.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job/seams.hpp"
#include "report/job_entry.hpp"
#include "report/latency.hpp"

namespace antsrun {

// What the summary cannot see by itself: told by the pool and the run, at the end.
struct RunFacts {
    std::string version;
    std::vector<std::string> argv;
    // Name of this machine.
    std::string host;

    std::chrono::system_clock::time_point started;
    std::chrono::system_clock::time_point finished;
    // By the monotonic clock.
    double wall_seconds = 0;
    // What antsrun will exit with; 128 + n if it is about to die by signal n.
    int exit_status = 0;
    // Why the run ended before its input did: "SIGTERM", "stdout closed". Nothing if it did not.
    std::optional<std::string> halted;

    // The pool.
    int capacity = 0;
    int carriers = 0;
    int peak_running = 0;  // jobs at once
    std::uint64_t workers_spawned = 0;
    std::uint64_t workers_purged = 0;
    std::uint64_t tunes = 0;

    // For how long each worker waited for a job. A worker not named here is taken to have waited
    // whenever it did not run a job.
    struct WorkerIdle {
        int id = 0;
        double seconds = 0;
    };
    std::vector<WorkerIdle> idle;
};

// Jobs by what became of them. read = started + skipped + not_started, and
// started = succeeded + failed, once the run is over.
struct JobCounts {
    std::uint64_t read = 0;
    std::uint64_t started = 0;  // tried, also if nothing could be executed
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;    // every one that did not succeed
    std::uint64_t panicked = 0;  // those of the failed that crashed
    std::uint64_t timed_out = 0;
    std::uint64_t retried = 0;
    std::uint64_t flaky = 0;
    std::uint64_t skipped = 0;
    std::uint64_t not_started = 0;
    std::uint64_t leaked = 0;  // left something running
};

struct SlowJob {
    std::uint64_t seq = 0;
    double seconds = 0;
    std::string command;  // raw bytes, at most kMaxCommand
    bool truncated = false;
};

struct WorkerFigures {
    std::uint64_t jobs = 0;
    std::uint64_t failed = 0;
    std::uint64_t panics = 0;
    double busy_seconds = 0;
    double user_seconds = 0;
    double system_seconds = 0;
    std::int64_t max_rss_bytes = 0;
};

class Summary : public Observer {
public:
    // Bounds, so that the report stays below 10 MB whatever happens.
    static constexpr std::size_t kMaxCommand = 4096;  // bytes of a command in the report
    static constexpr std::size_t kSlowest = 10;
    static constexpr std::size_t kTextBudget = 8'000'000;  // JSON of failures and panics together

    // `limit`: the most entries of each list (--report-limit).
    explicit Summary(std::size_t limit);

    void on_read(const Job& job) override;
    void on_finished(const Finished& finished) override;
    void on_not_started(const Job& job) override;
    void on_skipped(const Job& job) override;

    std::size_t limit() const { return limit_; }
    const JobCounts& counts() const { return counts_; }
    // The greatest status of a job, as a shell would put it in $?.
    int greatest_status() const { return greatest_status_; }
    // Of the jobs that were executed, failed ones included.
    const Latency& latency() const { return latency_; }

    // The first failures and panics, in the order they happened, and how many more there were.
    const std::vector<JobEntry>& failures() const { return failures_; }
    std::uint64_t failures_omitted() const { return counts_.failed - failures_.size(); }
    const std::vector<JobEntry>& panics() const { return panics_; }
    // Those that succeeded after they had failed.
    const std::vector<JobEntry>& flaky() const { return flaky_; }
    std::uint64_t flaky_omitted() const { return counts_.flaky - flaky_.size(); }
    std::uint64_t panics_omitted() const { return counts_.panicked - panics_.size(); }

    // By worker id less one; a worker without jobs may be missing.
    const std::vector<WorkerFigures>& workers() const { return workers_; }

    // The jobs that took longest, the longest first.
    std::vector<SlowJob> slowest() const;

private:
    void count_worker(int slot, const Outcome& outcome);
    void note_slow(const Finished& finished);
    void keep(const Finished& finished, bool failed, bool panicked);
    void keep_in(std::vector<JobEntry>& list, JobEntry job);

    const std::size_t limit_;
    JobCounts counts_;
    int greatest_status_ = 0;
    Latency latency_;
    std::vector<JobEntry> failures_;
    std::vector<JobEntry> panics_;
    std::vector<JobEntry> flaky_;
    std::size_t text_size_ = 0;  // JSON of both lists so far
    std::vector<WorkerFigures> workers_;
    std::vector<SlowJob> slowest_;  // a heap, the least slow first
};

}  // namespace antsrun
