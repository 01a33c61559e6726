// Records from stdin and files: lines, or items that end with any string. Read lazily, each as soon
// as it is complete, so that a slow producer (tail -f) works and a long input costs no memory.
//
// Control thread only; waiting for input parks the coroutine and never blocks the thread. The
// caller's file descriptions stay as they are: a pipe on stdin is opened anew to be read without
// blocking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "job/seams.hpp"

namespace antsrun {

struct SourceConfig {
    // To be read one after the other; "-" is stdin. Empty: stdin.
    std::vector<std::string> files;
    // What ends a record. If it is a newline, a carriage return before it is dropped.
    std::string delimiter = "\n";
    // Called at the first carriage return that is dropped.
    std::function<void()> on_carriage_return;
    // It is not dropped.
    bool keeps_carriage_return = false;
};

// One open input.
class Input {
public:
    // "-" is stdin. An error if it is missing, unreadable or a directory.
    static Result<Input> open(const std::string& name);

    // Wait for bytes and append them to `buffer`. Gives how many, 0 at the end, or -errno.
    ants::Task<std::int64_t> read(std::string& buffer);

    // For messages: "'jobs.txt'" or "standard input".
    const std::string& name() const { return name_; }

private:
    // When to wait for readiness before a read.
    enum class Wait { never, first, always };

    std::int64_t read_now(std::string& buffer) const;

    std::string name_;
    UniqueFd own_;
    int fd_ = 0;
    Wait wait_ = Wait::always;
};

class Source : public RecordSource {
public:
    // No record is longer than this; of a longer one only the beginning is kept, and it is refused.
    static constexpr std::size_t kLongest = 1024 * 1024;

    // Opens all inputs, so that a missing one is known before the first job.
    static Result<std::unique_ptr<Source>> open(SourceConfig config);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override { return error_; }

private:
    Source(SourceConfig config, std::vector<Input> inputs);

    bool cut(Record& record);
    bool cut_rest(Record& record);
    void drop_excess();
    Record make_record(std::string text);
    std::string place() const;

    const SourceConfig config_;
    std::vector<Input> inputs_;
    std::size_t input_ = 0;  // the one being read

    std::string buffer_;
    std::size_t begin_ = 0;    // of what was not given out yet
    std::size_t scanned_ = 0;  // no delimiter begins before this
    bool is_too_long_ = false;

    std::uint64_t number_ = 0;  // of the record in this input
    bool told_carriage_return_ = false;
    std::string error_;
};

}  // namespace antsrun
