// One job as the report and --jsonl show it, and the texts in it. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "job/outcome.hpp"
#include "job/seams.hpp"

namespace antsrun {

// The first `max` bytes, without a torn UTF-8 character at the end.
std::string_view cut(std::string_view bytes, std::size_t max);

// Bytes somebody else chose, made fit for the report.
struct ReportText {
    std::string utf8;
    bool escaped = false;    // bytes that were not UTF-8 stand there as \xNN
    bool truncated = false;  // the end is missing

    // At most `max` bytes of `bytes`, without a torn character at the end.
    static ReportText make(std::string_view bytes, std::size_t max);
    // What it takes in JSON, at most.
    std::size_t json_size() const;
};

// An attempt after which there was another.
struct EarlierEntry {
    int slot = 0;
    ReportText message;
    Outcome outcome;  // its own stderr_tail is empty
};

// A job that has ended.
struct JobEntry {
    // At most `max_command` bytes of the command line.
    static JobEntry make(const Finished& finished, std::size_t max_command);

    std::uint64_t seq = 0;
    int slot = 0;
    int attempts = 1;
    ReportText command;
    ReportText message;  // describe(outcome)
    ReportText stderr_tail;
    Outcome outcome;  // its own stderr_tail is empty
    std::vector<EarlierEntry> earlier;
};

}  // namespace antsrun
