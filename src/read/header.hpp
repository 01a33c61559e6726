// The first record of a source is none: it has the names of the columns, which all records after it
// then carry. Control thread only.
#pragma once

#include <memory>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

class Header : public RecordSource {
public:
    explicit Header(std::unique_ptr<RecordSource> records);

    ants::Task<std::optional<Record>> next() override;

    // A header that cannot be read is an error: without it no record means what it should.
    std::string error() const override { return error_.empty() ? records_->error() : error_; }

private:
    ants::Task<> read_names();

    const std::unique_ptr<RecordSource> records_;
    Names names_;
    std::string error_;
};

}  // namespace antsrun
