// -p: each job is shown on the terminal, and runs if the answer begins with y. Control thread only;
// waiting for the answer parks the coroutine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

class Asking : public JobSource {
public:
    // `commands` outlives this; `terminal` stays the caller's.
    Asking(std::unique_ptr<JobSource> jobs, const Renderer& commands, int terminal)
        : jobs_(std::move(jobs)), commands_(commands), terminal_(terminal) {}

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return jobs_->error(); }

private:
    ants::Task<std::string> answer() const;

    const std::unique_ptr<JobSource> jobs_;
    const Renderer& commands_;
    const int terminal_;
};

}  // namespace antsrun
