#include "read/items.hpp"

#include <utility>

namespace antsrun {

ants::Task<std::optional<Record>> Items::next() {
    if (next_ == values_.size()) {
        co_return std::nullopt;
    }
    Record record;
    record.fields.push_back(std::move(values_[next_++]));
    co_return record;
}

}  // namespace antsrun
