// Numbers records: each is a job, from 1 in input order. Control thread only.
#pragma once

#include <cstdint>

#include "job/seams.hpp"

namespace antsrun {

class JobMaker : public JobSource {
public:
    enum class Kind {
        arguments,      // for a template
        command_lines,  // as in a file of them: blank lines and comments are no jobs
    };

    // `records` outlives this.
    JobMaker(RecordSource& records, Kind kind) : records_(records), kind_(kind) {}

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return records_.error(); }

private:
    RecordSource& records_;
    const Kind kind_;
    std::uint64_t last_seq_ = 0;
};

}  // namespace antsrun
