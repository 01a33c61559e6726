#include "expand/batch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace antsrun {
namespace {

bool is_blank(const std::string& line) {
    return line.find_first_not_of(" \t") == std::string::npos;
}

bool goes_on(const std::string& line) { return line.ends_with(' ') || line.ends_with('\t'); }

Job with_arguments(std::vector<std::string> arguments) {
    Job job;
    job.arguments = std::move(arguments);
    return job;
}

void move_fields(Record& from, Job& to) {
    std::move(from.fields.begin(), from.fields.end(), std::back_inserter(to.arguments));
    to.names = from.names;
}

}  // namespace

Batch::Batch(RecordSource& records, BatchConfig config, SizeOf size_of)
    : records_(records),
      config_(config),
      size_of_(std::move(size_of)),
      size_of_none_(size_of_(with_arguments({}))),
      size_between_(size_of_(with_arguments({"x", "x"})) + size_of_none_ -
                    2 * size_of_(with_arguments({"x"}))) {}

ants::Task<std::optional<Job>> Batch::next() {
    while (ready_.empty() && !has_ended_) {
        const bool has_record = co_await read_record();
        if (!has_record) {
            has_ended_ = true;
            spread_rest();
        } else if (!read_->problem.empty()) {
            close();
            fail(*std::exchange(read_, std::nullopt));
        } else if (fits(*read_)) {
            add(*std::exchange(read_, std::nullopt));
        } else {
            close();
        }
    }
    if (ready_.empty() && last_seq_ == 0 && config_.at_least_one && error().empty()) {
        ready_.emplace_back();
    }
    if (ready_.empty()) {
        co_return std::nullopt;
    }
    Job job = std::move(ready_.front());
    ready_.pop_front();
    job.seq = ++last_seq_;
    co_return job;
}

// Into read_, unless there is one still.
ants::Task<bool> Batch::read_record() {
    if (read_) {
        co_return true;
    }
    if (config_.are_lines) {
        co_return co_await read_line();
    }
    read_ = co_await records_.next();
    co_return read_.has_value();
}

ants::Task<bool> Batch::read_line() {
    for (;;) {
        auto record = co_await records_.next();
        if (!record) {
            co_return read_.has_value();
        }
        std::string& line = record->fields.front();
        if (read_ && record->problem.empty()) {
            read_->fields.front() += line;
        } else if (record->problem.empty() && is_blank(line)) {
            continue;
        } else {
            read_ = std::move(record);
        }
        if (!read_->problem.empty() || !goes_on(read_->fields.front())) {
            co_return true;
        }
    }
}

// False: the job that is being filled is to be closed first. What is too long for any job fails.
bool Batch::fits(const Record& record) {
    const std::size_t size = size_of_(with_arguments(record.fields));
    if (size > config_.most_bytes) {
        if (!open_.empty()) {
            return false;
        }
        read_->problem = fmt::format("argument too long: {} bytes, {} are possible",
                                     size - size_of_none_, config_.most_bytes - size_of_none_);
        if (config_.too_long_ends) {
            error_ = read_->problem;
            has_ended_ = true;
        }
        return false;
    }
    if (open_.empty()) {
        open_size_ = size_of_none_;
    }
    const bool is_first = open_.empty();
    const std::size_t more = size - size_of_none_ + (is_first ? 0 : size_between_);
    const bool has_place = config_.most_records == 0 || open_.size() < config_.most_records;
    if (is_first || (has_place && open_size_ + more <= config_.most_bytes)) {
        open_size_ += more;
        return true;
    }
    if (config_.is_exact && has_place) {
        error_ = "arguments too long: so many do not fit in one command";
        open_.clear();
        has_ended_ = true;
    }
    return false;
}

void Batch::add(Record record) {
    open_.push_back(std::move(record));
    if (config_.most_records != 0 && open_.size() >= config_.most_records) {
        close();
    }
}

// All that is open becomes one job.
void Batch::close() {
    if (open_.empty()) {
        return;
    }
    Job job;
    for (Record& record : open_) {
        move_fields(record, job);
    }
    open_.clear();
    if (config_.drop_arguments) {
        job.arguments.clear();
    }
    ready_.push_back(std::move(job));
}

void Batch::spread_rest() {
    const auto jobs = static_cast<std::size_t>(config_.spread);
    const std::size_t share = jobs == 0 ? 0 : (open_.size() + jobs - 1) / jobs;
    while (share != 0 && open_.size() > share) {
        Job job;
        for (std::size_t i = 0; i < share; ++i) {
            move_fields(open_.front(), job);
            open_.pop_front();
        }
        ready_.push_back(std::move(job));
    }
    close();
}

void Batch::fail(Record record) {
    Job job;
    move_fields(record, job);
    job.problem = std::move(record.problem);
    ready_.push_back(std::move(job));
}

}  // namespace antsrun
