// Records split into columns, and white space removed from these. Control thread only.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "job/seams.hpp"
#include "read/records_config.hpp"
#include "read/separator.hpp"

namespace antsrun {

// The character between the columns of CSV.
struct CsvSeparator {
    char character = ',';
};

// How a record is split: not at all, at a regular expression, or as CSV.
using Split = std::variant<std::monostate, Separator, CsvSeparator>;

class Columns : public RecordSource {
public:
    Columns(std::unique_ptr<RecordSource> records, Split split, Trim sides);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override { return records_->error(); }

private:
    void split(Record& record) const;

    const std::unique_ptr<RecordSource> records_;
    const Split split_;
    const Trim sides_;
};

}  // namespace antsrun
