// What a journal (--joblog) says about the jobs of earlier runs, for --resume, --resume-failed and
// --retry-failed.
//
//     auto records = read_journal(path);   // or those of a Journal, read under its lock
//     const auto found = records->find(job.seq, command);
//     using Match = JournalRecords::Match;
//     if (found.match == Match::same_command && !found.failed) { skip the job }
//     if (found.match == Match::other_command) { it has been edited: say so, run it }
//
//     for (std::uint64_t seq = 0;;) {      // --retry-failed
//         auto failed = records->failed_after(seq);
//         if (!failed) { say the error }   // the log could not be read
//         if (!*failed) { break; }
//         seq = (*failed)->seq;
//     }
//
// Where a number has several records, the last one counts. Takes 32 bytes a record, whatever the
// length of the commands: they are compared by a hash, and those that failed are read from the file
// when they are needed. Plain value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace antsrun {

class JournalRecords {
public:
    enum class Match { none, same_command, other_command };
    struct Found {
        Match match = Match::none;
        bool failed = false;
    };

    // Is there a record of this number, and is it of this command? A command is the same if either
    // antsrun or GNU parallel would have written it as it stands there.
    Found find(std::uint64_t seq, std::string_view command) const;

    struct Failed {
        std::uint64_t seq = 0;
        std::string command;
    };

    // Of the jobs whose last record is of a failure, the one with the lowest number above `seq`.
    Result<std::optional<Failed>> failed_after(std::uint64_t seq) const;

    // How many jobs have a record.
    std::size_t size() const { return records_.size(); }

    // Bytes up to the end of the last whole line, and after it: the beginning of a line that a run
    // could not finish. Whoever appends to the file cuts it off before.
    std::uint64_t whole_bytes() const { return whole_bytes_; }
    std::uint64_t torn_bytes() const { return torn_bytes_; }

private:
    friend Result<JournalRecords> read_journal(int file, const std::string& name);

    struct Record {
        std::uint64_t seq;
        std::uint64_t command_hash;  // as it stands in the file
        std::uint64_t offset;        // of the command in the file
        std::uint32_t size;          // of the command in the file
        bool failed;
    };

    void keep_the_last();

    std::vector<Record> records_;  // ascending by seq
    std::uint64_t whole_bytes_ = 0;
    std::uint64_t torn_bytes_ = 0;
    UniqueFd file_;
    std::string name_;
};

// Read the log at `path`. No file, an empty one, or one that is not a regular file: no records.
// What is not a job log from its first line to its last whole one is an error that names the line.
// GNU parallel leaves out the header when it appends to a new file, so that may be missing.
Result<JournalRecords> read_journal(const std::string& path);

// The same for a file that is open for reading, and stays the caller's. `name` is for messages.
Result<JournalRecords> read_journal(int file, const std::string& name);

}  // namespace antsrun
