#include "report/summary.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace antsrun {
namespace {

// An entry of failures[] or panics[] without its texts, indented.
constexpr std::size_t kEntrySize = 800;
// One of its attempts.
constexpr std::size_t kEarlierSize = 300;

bool was_executed(const Outcome& outcome) {
    return !std::holds_alternative<NotStarted>(outcome.ending) &&
           !std::holds_alternative<Thrown>(outcome.ending);
}

// For a heap with the least slow on top.
bool is_slower(const SlowJob& a, const SlowJob& b) { return a.seconds > b.seconds; }

}  // namespace

Summary::Summary(std::size_t limit) : limit_(limit) { slowest_.reserve(kSlowest); }

void Summary::on_read(const Job&) { ++counts_.read; }

void Summary::on_not_started(const Job&) { ++counts_.not_started; }

void Summary::on_skipped(const Job&) {
    ++counts_.read;
    ++counts_.skipped;
}

void Summary::on_finished(const Finished& finished) {
    const Outcome& outcome = finished.outcome;
    const bool failed = !outcome.succeeded();
    const bool panicked = failed && outcome.panicked();
    ++counts_.started;
    ++(failed ? counts_.failed : counts_.succeeded);
    counts_.panicked += panicked ? 1 : 0;
    counts_.timed_out += outcome.timed_out() ? 1 : 0;
    counts_.leaked += outcome.leaked ? 1 : 0;
    const bool is_flaky = !failed && finished.job.attempt > 1;
    counts_.flaky += is_flaky ? 1 : 0;
    counts_.retried += finished.job.attempt > 1 ? 1 : 0;
    greatest_status_ = std::max(greatest_status_, outcome.status());
    if (was_executed(outcome)) {
        latency_.add(outcome.seconds);
        note_slow(finished);
    }
    count_worker(finished.slot, outcome);
    for (const Attempt& attempt : finished.earlier) {
        count_worker(attempt.slot, attempt.outcome);
    }
    if (failed || is_flaky) {
        keep(finished, failed, panicked);
    }
}

void Summary::count_worker(int slot, const Outcome& outcome) {
    if (slot < 1) {
        return;  // the pool refused it: no worker had it
    }
    const auto index = static_cast<std::size_t>(slot - 1);
    if (index >= workers_.size()) {
        workers_.resize(index + 1);
    }
    const bool failed = !outcome.succeeded();
    WorkerFigures& worker = workers_[index];
    ++worker.jobs;
    worker.failed += failed ? 1 : 0;
    worker.panics += failed && outcome.panicked() ? 1 : 0;
    worker.busy_seconds += outcome.seconds;
    worker.user_seconds += outcome.usage.user_seconds;
    worker.system_seconds += outcome.usage.system_seconds;
    worker.max_rss_bytes = std::max(worker.max_rss_bytes, outcome.usage.max_rss_bytes);
}

void Summary::note_slow(const Finished& finished) {
    const double seconds = finished.outcome.seconds;
    if (slowest_.size() == kSlowest) {
        if (seconds <= slowest_.front().seconds) {
            return;
        }
        std::pop_heap(slowest_.begin(), slowest_.end(), is_slower);
    } else {
        slowest_.emplace_back();
    }
    // The string keeps its memory: where each job is slower than the one before, nothing is
    // allocated.
    SlowJob& slow = slowest_.back();
    const std::string_view command = cut(finished.command, kMaxCommand);
    slow.seq = finished.job.seq;
    slow.seconds = seconds;
    slow.command.assign(command);
    slow.truncated = command.size() < finished.command.size();
    std::push_heap(slowest_.begin(), slowest_.end(), is_slower);
}

void Summary::keep(const Finished& finished, bool failed, bool panicked) {
    std::vector<JobEntry>& list = failed ? failures_ : flaky_;
    const bool fits_panic = panicked && panics_.size() < limit_;
    const bool fits = list.size() < limit_;
    if (text_size_ >= kTextBudget || (!fits && !fits_panic)) {
        return;
    }
    JobEntry job = JobEntry::make(finished, kMaxCommand);
    if (fits) {
        keep_in(list, job);
    }
    if (fits_panic) {
        job.stderr_tail = {};
        job.earlier.clear();
        keep_in(panics_, std::move(job));
    }
}

void Summary::keep_in(std::vector<JobEntry>& list, JobEntry job) {
    text_size_ += kEntrySize + job.command.json_size() + job.message.json_size() +
                  job.stderr_tail.json_size();
    for (const EarlierEntry& earlier : job.earlier) {
        text_size_ += kEarlierSize + earlier.message.json_size();
    }
    list.push_back(std::move(job));
}

std::vector<SlowJob> Summary::slowest() const {
    std::vector<SlowJob> sorted = slowest_;
    std::stable_sort(sorted.begin(), sorted.end(), is_slower);
    return sorted;
}

}  // namespace antsrun
