#include "read/filter.hpp"

#include <utility>

#include "read/trim.hpp"

namespace antsrun {

Filter::Filter(std::unique_ptr<RecordSource> records, std::string end_string, bool drop_blank)
    : records_(std::move(records)), end_string_(std::move(end_string)), drop_blank_(drop_blank) {}

ants::Task<std::optional<Record>> Filter::next() {
    while (!is_over_) {
        auto record = co_await records_->next();
        if (!record || is_end(*record)) {
            is_over_ = true;
        } else if (!is_dropped(*record)) {
            co_return record;
        }
    }
    co_return std::nullopt;
}

bool Filter::is_end(const Record& record) const {
    return !end_string_.empty() && record.problem.empty() && record.fields.front() == end_string_;
}

bool Filter::is_dropped(const Record& record) const {
    return drop_blank_ && record.problem.empty() &&
           record.fields.front().find_first_not_of(kWhiteSpace) == std::string::npos;
}

}  // namespace antsrun
