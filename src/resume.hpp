// Jobs of an earlier run, as its journal has them: --resume, --resume-failed and --retry-failed.
// Control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "cli/options.hpp"
#include "job/seams.hpp"
#include "report/journal_reader.hpp"
#include "work.hpp"

namespace antsrun {

// Leaves out the jobs that are recorded under their number and with their command.
class RemainingJobs : public JobSource {
public:
    struct Config {
        bool failed_run_again = false;
        Say say;  // a job is another one than the record of its number says
        // A job is left out.
        std::function<void(const Job&)> on_skipped;
    };

    // `commands` outlives this.
    RemainingJobs(std::unique_ptr<JobSource> jobs, JournalRecords records, const Renderer& commands,
                  Config config)
        : jobs_(std::move(jobs)),
          records_(std::move(records)),
          commands_(commands),
          config_(std::move(config)) {}

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return jobs_->error(); }

private:
    bool is_done(const Job& job);
    bool depends_on_slot(const Job& job) const;
    void tell_edited(const Job& job);

    const std::unique_ptr<JobSource> jobs_;
    const JournalRecords records_;
    const Renderer& commands_;
    const Config config_;
    int told_ = 0;
};

// The jobs whose last record is of a failure, from the journal alone, with their numbers: each is a
// command line.
class FailedJobs : public JobSource {
public:
    explicit FailedJobs(JournalRecords records) : records_(std::move(records)) {}

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return error_; }

private:
    const JournalRecords records_;
    std::uint64_t last_ = 0;
    std::string error_;
};

}  // namespace antsrun
