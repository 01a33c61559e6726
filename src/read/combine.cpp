#include "read/combine.hpp"

#include <utility>

namespace antsrun {
namespace {

std::string first_error(const RecordSource& left, const RecordSource& right) {
    auto error = left.error();
    return error.empty() ? right.error() : error;
}

}  // namespace

Record Joiner::join(Record left, const Record& right) {
    if (left.names != nullptr && left.fields.size() < left.names->size()) {
        left.fields.resize(left.names->size());
    }
    left.names = join_names(left, right);
    left.fields.insert(left.fields.end(), right.fields.begin(), right.fields.end());
    if (left.problem.empty()) {
        left.problem = right.problem;
    }
    return left;
}

const Names& Joiner::join_names(const Record& left, const Record& right) {
    if (left.names == left_ && left.fields.size() == left_fields_ && right.names == right_) {
        return joined_;
    }
    left_ = left.names;
    left_fields_ = left.fields.size();
    right_ = right.names;
    joined_ = nullptr;
    if (left_ != nullptr || right_ != nullptr) {
        auto names = left_ != nullptr ? *left_ : std::vector<std::string>();
        names.resize(left_fields_);
        if (right_ != nullptr) {
            names.insert(names.end(), right_->begin(), right_->end());
        }
        joined_ = std::make_shared<const std::vector<std::string>>(std::move(names));
    }
    return joined_;
}

Product::Product(std::unique_ptr<RecordSource> left, std::unique_ptr<RecordSource> right)
    : left_(std::move(left)), right_(std::move(right)) {}

ants::Task<std::optional<Record>> Product::next() {
    while (!is_over_) {
        if (!left_record_) {
            left_record_ = co_await left_->next();
            next_kept_ = 0;
            is_over_ = !left_record_;
        } else if (!has_read_right_) {
            const auto right = co_await right_->next();
            if (right) {
                kept_.push_back(*right);
                co_return joiner_.join(*left_record_, *right);
            }
            has_read_right_ = true;
            is_over_ = kept_.empty();
            left_record_.reset();
        } else if (next_kept_ < kept_.size()) {
            co_return joiner_.join(*left_record_, kept_[next_kept_++]);
        } else {
            left_record_.reset();
        }
    }
    co_return std::nullopt;
}

std::string Product::error() const { return first_error(*left_, *right_); }

Linked::Linked(std::unique_ptr<RecordSource> left, std::unique_ptr<RecordSource> right)
    : left_(std::move(left)), right_(std::move(right)) {}

ants::Task<std::optional<Record>> Linked::next() {
    if (is_over_) {
        co_return std::nullopt;
    }
    is_over_ = true;
    auto left = co_await left_->next();
    if (!left) {
        co_return std::nullopt;
    }
    const auto right = co_await right_->next();
    if (!right) {
        co_return std::nullopt;
    }
    is_over_ = false;
    co_return joiner_.join(std::move(*left), *right);
}

std::string Linked::error() const { return first_error(*left_, *right_); }

InStep::InStep(std::vector<std::unique_ptr<RecordSource>> sources) : open_(sources.size()) {
    for (auto& source : sources) {
        members_.emplace_back().source = std::move(source);
    }
}

ants::Task<std::optional<Record>> InStep::next() {
    for (std::size_t i = 0; i < members_.size() && !is_over_; ++i) {
        co_await advance(members_[i]);
    }
    if (is_over_) {
        co_return std::nullopt;
    }
    ++row_;
    co_return join_current();
}

ants::Task<> InStep::advance(Member& member) {
    if (!member.has_ended) {
        auto record = co_await member.source->next();
        if (record) {
            if (open_ > 1) {  // the last one open will not start over
                member.kept.push_back(*record);
            }
            member.current = std::move(*record);
            co_return;
        }
        member.has_ended = true;
        is_over_ = --open_ == 0 || row_ == 0;
    }
    if (!is_over_) {
        member.current = member.kept[row_ % member.kept.size()];
    }
}

Record InStep::join_current() {
    Record record = std::move(members_.front().current);
    for (std::size_t i = 1; i < members_.size(); ++i) {
        record = members_[i].joiner.join(std::move(record), members_[i].current);
    }
    return record;
}

std::string InStep::error() const {
    for (const Member& member : members_) {
        if (auto error = member.source->error(); !error.empty()) {
            return error;
        }
    }
    return {};
}

}  // namespace antsrun
