// Jobs that get a block of the input each, cut at the ends of records: of stdin as it comes, or of
// a file, by offset. Control thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ants/wait.hpp"
#include "base/error.hpp"
#include "job/block_queue.hpp"
#include "job/seams.hpp"
#include "read/blocks_config.hpp"
#include "read/record_pattern.hpp"
#include "read/source.hpp"

namespace antsrun {

// Where records end in a text.
class RecordEnds {
public:
    // An error if they are to be regular expressions and are none.
    static Result<RecordEnds> make(const BlocksConfig& config);

    // Where the last record that ends at or before `limit` ends; 0 if none does. `is_all`: nothing
    // comes after this text.
    std::size_t last(std::string_view text, std::size_t limit, bool is_all) const;
    // Where the first record that ends behind `from` ends; npos if none does.
    std::size_t first(std::string_view text, std::size_t from, bool is_all) const;

    // If none was found in this text: where to go on behind when there is more of it.
    std::size_t searched(std::string_view text) const;

    // How much of the text before and behind a place decides whether a record ends there.
    std::size_t size() const {
        return pattern_ ? RecordPattern::kLookBack : end_.size() + start_.size();
    }
    // The text without what is between records and around them.
    std::string without(std::string_view text) const;

private:
    RecordEnds(std::string end, std::string start)
        : end_(std::move(end)), start_(std::move(start)) {}

    std::string end_;
    std::string start_;
    std::optional<RecordPattern> pattern_;  // in their place
};

// --pipe. With --round-robin a coroutine of the control loop reads ahead of next(), from the first
// call on and after the last, until the input has ended or no job takes blocks any more: the jobs
// that run are not to wait for those that may not start yet.
class PipeBlocks : public JobSource {
public:
    // `slots`: jobs at once.
    static Result<std::unique_ptr<PipeBlocks>> open(BlocksConfig config, int slots);

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return error_; }

private:
    PipeBlocks(BlocksConfig config, RecordEnds ends, Input input, int slots);

    ants::Task<std::optional<std::string>> next_block();
    ants::Task<std::optional<Job>> next_own();
    ants::Task<std::optional<Job>> next_dealt();
    ants::Task<> deal_out();
    ants::Task<bool> read_more();
    ants::Task<> read_header();
    std::size_t find_cut();
    bool find_end(std::size_t from);
    std::string cut_off(std::size_t length);
    Job make_job(std::string block);

    const BlocksConfig config_;
    const RecordEnds ends_;
    const std::uint64_t slots_;
    // What the search for the end of the next block has found so far in the buffer.
    struct Seen {
        std::uint64_t records = 0;  // -N: whole ones
        std::size_t end = 0;        // of the last of these
        std::size_t up_to = 0;      // no other ends before this
    };

    Input input_;
    std::string buffer_;
    Seen seen_;
    std::string header_;
    bool has_header_ = false;
    bool has_ended_ = false;
    std::uint64_t last_seq_ = 0;
    std::string error_;

    // --round-robin
    BlockQueue queue_;
    std::deque<Job> made_;  // with their first block, for next() to give
    bool is_dealing_ = false;
    bool are_all_made_ = false;
    ants::Notice news_;  // of the two before
};

// --pipepart
class FileParts : public JobSource {
public:
    // An error if it is no file of which parts can be read. `slots`: jobs at once.
    static Result<std::unique_ptr<FileParts>> open(BlocksConfig config, int slots);

    ants::Task<std::optional<Job>> next() override;
    std::string error() const override { return error_; }

private:
    FileParts(BlocksConfig config, RecordEnds ends, UniqueFd file, std::uint64_t size);

    bool read_at(std::uint64_t offset, std::string& window);
    bool read_header();
    std::uint64_t end_of_record(std::uint64_t from);

    const BlocksConfig config_;
    const RecordEnds ends_;
    const std::shared_ptr<const UniqueFd> file_;
    const std::uint64_t size_;
    std::uint64_t next_ = 0;
    std::string header_;
    std::uint64_t last_seq_ = 0;
    std::string error_;
};

}  // namespace antsrun
