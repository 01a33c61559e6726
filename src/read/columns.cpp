#include "read/columns.hpp"

#include <utility>

#include "read/csv.hpp"
#include "read/trim.hpp"

namespace antsrun {

Columns::Columns(std::unique_ptr<RecordSource> records, Split split, Trim sides)
    : records_(std::move(records)), split_(std::move(split)), sides_(sides) {}

ants::Task<std::optional<Record>> Columns::next() {
    auto record = co_await records_->next();
    if (record && record->problem.empty()) {
        split(*record);
    }
    co_return record;
}

void Columns::split(Record& record) const {
    const std::string& text = record.fields.front();
    if (const auto* separator = std::get_if<Separator>(&split_)) {
        auto columns = separator->split(text);
        if (!columns) {
            record.problem = columns.error().message();
            return;
        }
        record.fields = std::move(*columns);
    } else if (const auto* csv = std::get_if<CsvSeparator>(&split_)) {
        record.fields = split_csv(text, csv->character);
    }
    for (std::string& field : record.fields) {
        trim(field, sides_);
    }
}

}  // namespace antsrun
