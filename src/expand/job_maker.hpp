// Numbers records: each is a job, from 1 in input order. Read as command lines, blank lines and
// comments are no jobs (but keep their line numbers in messages). Control thread only.
#pragma once

#include <cstdint>

#include "job/seams.hpp"

namespace antsrun {

class JobMaker : public JobSource {
public:
    // `records` outlives this.
    explicit JobMaker(RecordSource& records) : records_(records) {}

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return records_.error(); }

private:
    RecordSource& records_;
    std::uint64_t last_seq_ = 0;
};

}  // namespace antsrun
