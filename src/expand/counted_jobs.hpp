// Reads all jobs before it gives the first, so that each knows how many there are. Control thread
// only. Memory grows with their number.
#pragma once

#include <deque>
#include <memory>

#include "job/seams.hpp"

namespace antsrun {

class CountedJobs : public JobSource {
public:
    explicit CountedJobs(std::unique_ptr<JobSource> jobs) : jobs_(std::move(jobs)) {}

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return jobs_->error(); }

private:
    const std::unique_ptr<JobSource> jobs_;
    std::deque<Job> read_;
    std::uint64_t total_ = 0;
    bool has_read_ = false;
};

}  // namespace antsrun
