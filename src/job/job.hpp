// What flows between the stages: a Record is one piece of input, a Job is a numbered unit of work,
// a Command is what a job becomes once it is known in which slot it runs. Plain values, owned by
// whoever holds them; no thread owns any of these types.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "job/block_queue.hpp"

namespace antsrun {

// What columns are called (--header). Shared by all records of an input.
using Names = std::shared_ptr<const std::vector<std::string>>;

// One piece of input: a line without its newline or a delimited item, as one field or split into
// columns; or one item of each source.
struct Record {
    std::vector<std::string> fields;  // at least one
    Names names;                      // of the fields; may be null
    // Not empty: why this record cannot be run ("line 3 of 'jobs.txt': contains a NUL byte"). It
    // then becomes a job that fails with this message.
    std::string problem;
};

// What a job gets on its standard input: some bytes, then a part of a file or blocks of its turn.
struct JobInput {
    std::string bytes;
    std::shared_ptr<const UniqueFd> file;  // may be null
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    std::shared_ptr<BlockQueue::Taker> blocks;  // may be null
};

// One unit of work, numbered from 1 in input order.
struct Job {
    std::uint64_t seq = 0;
    // The fields of its records, one record after the other. A command line is one argument.
    std::vector<std::string> arguments;
    Names names;                            // of the arguments; may be null
    std::shared_ptr<const JobInput> input;  // null: none
    // Not empty: why it cannot be run, as in Record.
    std::string problem;
    // From 1; more only after a retry.
    int attempt = 1;
    // It runs again if this attempt fails.
    bool may_run_again = false;
    // How many jobs there are; 0: nobody has counted.
    std::uint64_t total = 0;
};

// Names of the files that take a job's output in place of our stdout and stderr, and its number.
struct ResultFiles {
    std::string out;
    std::string err;
    std::string seq;
};

// What to execute. Rendering is pure: the same job and slot give the same command.
struct Command {
    // The command line as a user would type it: for reports, -v and --dry-run.
    std::string line;
    // Not empty: execute these words directly, the first found through PATH. Empty: run `line`
    // with `shell -c`.
    std::vector<std::string> words;
    // The words or nothing: a command that cannot be executed is no matter for a shell.
    bool never_shell = false;
    // Where it runs; empty: where antsrun does.
    std::string directory;
    // Variables beside the usual ones: "K=V".
    std::vector<std::string> variables;
    std::shared_ptr<const JobInput> input;  // null: the usual one
    // If not empty, the file to execute for words[0] in place of a search through PATH.
    std::string file;
    // What stands before each line of the job's output, its final tab included.
    std::string tag;
    // Where its output goes; nothing: to our stdout and stderr.
    std::optional<ResultFiles> results;
};

}  // namespace antsrun
