#include "resume.hpp"

#include <utility>

#include <fmt/format.h>

namespace antsrun {

ants::Task<std::optional<Job>> RemainingJobs::next() {
    for (;;) {
        auto job = co_await jobs_->next();
        if (!job || !is_done(*job)) {
            co_return job;
        }
        config_.on_skipped(*job);
    }
}

bool RemainingJobs::is_done(const Job& job) {
    using Match = JournalRecords::Match;
    const auto found = records_.find(job.seq, commands_.render(job, 1).line);
    if (found.match == Match::none) {
        return false;
    }
    if (found.match == Match::other_command && !depends_on_slot(job)) {
        tell_edited(job);
        return false;
    }
    return !found.failed || !config_.failed_run_again;
}

// Then what is recorded was rendered for some slot, nobody knows for which: the number must do.
bool RemainingJobs::depends_on_slot(const Job& job) const {
    return commands_.render(job, 1).line != commands_.render(job, 2).line;
}

void RemainingJobs::tell_edited(const Job& job) {
    constexpr int kMost = 10;
    if (told_ == kMost) {
        config_.say("antsrun: ... and so on\n");
    } else if (told_ < kMost) {
        config_.say(fmt::format(
            "antsrun: job {} is another one than the log has under its number; it runs\n",
            job.seq));
    }
    ++told_;
}

ants::Task<std::optional<Job>> FailedJobs::next() {
    auto failed = records_.failed_after(last_);
    if (!failed) {
        error_ = failed.error().message();
        co_return std::nullopt;
    }
    if (!*failed) {
        co_return std::nullopt;
    }
    last_ = (*failed)->seq;
    Job job;
    job.seq = last_;
    job.arguments.push_back(std::move((*failed)->command));
    if (job.arguments.front().find('\0') != std::string::npos) {
        job.problem = "the command in the log contains a NUL byte";
    }
    co_return job;
}

}  // namespace antsrun
