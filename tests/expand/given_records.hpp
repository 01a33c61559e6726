// Records for tests of what comes behind them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "job/seams.hpp"

namespace antsrun {

class GivenRecords : public RecordSource {
public:
    explicit GivenRecords(std::vector<Record> records, std::string error = "")
        : records_(std::move(records)), error_(std::move(error)) {}
    ants::Task<std::optional<Record>> next() override {
        if (next_ == records_.size()) {
            co_return std::nullopt;
        }
        co_return records_[next_++];
    }
    std::string error() const override { return error_; }

private:
    std::vector<Record> records_;
    const std::string error_;
    std::size_t next_ = 0;
};

}  // namespace antsrun
