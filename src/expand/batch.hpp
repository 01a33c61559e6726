// Puts several records into one job (-n -N -L -X -m --xargs): as many as asked for, as long as the
// command stays within its size. Control thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

struct BatchConfig {
    // At most so many records in a job; 0: as many as fit.
    std::size_t most_records = 1;
    // -n0 -N0: a job for each record, which has none of it.
    bool drop_arguments = false;
    // -L: records are lines. Blank ones do not count, and one that ends with a blank goes on with
    // the next.
    bool are_lines = false;
    // -X -m: the last records are spread over so many jobs, so that no slot is idle. 0: they are
    // not.
    int spread = 0;
    // What a command may have, in the bytes that `size_of` counts.
    std::size_t most_bytes = SIZE_MAX;
    // -x: an argument that is too long for that ends the input. Otherwise only its job fails.
    bool too_long_ends = false;
    // -x with a number of records: too few in a job, because more do not fit, ends the input too.
    bool is_exact = false;
    // One job without arguments if there is no record at all.
    bool at_least_one = false;
};

class Batch : public JobSource {
public:
    // What a job's command takes, with these arguments.
    using SizeOf = std::function<std::size_t(const Job& job)>;

    // `records` outlives this.
    Batch(RecordSource& records, BatchConfig config, SizeOf size_of);

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return error_.empty() ? records_.error() : error_; }

private:
    ants::Task<bool> read_record();
    ants::Task<bool> read_line();
    bool fits(const Record& record);
    void add(Record record);
    void close();
    void spread_rest();
    void fail(Record record);

    RecordSource& records_;
    const BatchConfig config_;
    const SizeOf size_of_;
    const std::size_t size_of_none_;
    const std::size_t size_between_;  // two arguments, besides their own

    std::optional<Record> read_;  // the last one read, in no job yet
    std::deque<Record> open_;     // of the job that is being filled
    std::size_t open_size_ = 0;
    std::deque<Job> ready_;
    bool has_ended_ = false;
    std::uint64_t last_seq_ = 0;
    std::string error_;
};

}  // namespace antsrun
