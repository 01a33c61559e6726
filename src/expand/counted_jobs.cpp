#include "expand/counted_jobs.hpp"

#include <utility>

namespace antsrun {

ants::Task<std::optional<Job>> CountedJobs::next() {
    while (!has_read_) {
        auto job = co_await jobs_->next();
        has_read_ = !job;
        if (job) {
            read_.push_back(std::move(*job));
        }
        total_ = read_.size();
    }
    if (read_.empty()) {
        co_return std::nullopt;
    }
    Job job = std::move(read_.front());
    read_.pop_front();
    job.total = total_;
    co_return job;
}

}  // namespace antsrun
