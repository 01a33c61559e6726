#include "read/header.hpp"

#include <utility>

namespace antsrun {

Header::Header(std::unique_ptr<RecordSource> records) : records_(std::move(records)) {}

ants::Task<std::optional<Record>> Header::next() {
    if (names_ == nullptr) {
        co_await read_names();
    }
    if (!error_.empty()) {
        co_return std::nullopt;
    }
    auto record = co_await records_->next();
    if (record) {
        record->names = names_;
    }
    co_return record;
}

ants::Task<> Header::read_names() {
    auto record = co_await records_->next();
    std::vector<std::string> names;
    if (record) {
        error_ = std::move(record->problem);
        names = std::move(record->fields);
    }
    names_ = std::make_shared<const std::vector<std::string>>(std::move(names));
}

}  // namespace antsrun
