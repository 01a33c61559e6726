#include "read/xargs_items.hpp"

#include <utility>

#include <fmt/format.h>

namespace antsrun {

using Unit = XargsItemsConfig::Unit;

Result<std::unique_ptr<XargsItems>> XargsItems::open(const std::string& file,
                                                     XargsItemsConfig config) {
    auto input = Input::open(file);
    if (!input) {
        return input.error();
    }
    return std::unique_ptr<XargsItems>(new XargsItems(std::move(*input), std::move(config)));
}

ants::Task<std::optional<Record>> XargsItems::next() {
    std::string buffer;
    while (ready_.empty() && !has_ended_) {
        buffer.clear();
        const std::int64_t n = co_await input_.read(buffer);
        if (n < 0) {
            error_ =
                Error{fmt::format("cannot read {}", input_.name()), static_cast<int>(-n)}.message();
        }
        for (std::size_t i = 0; i < buffer.size() && !has_ended_; ++i) {
            take(buffer[i]);
        }
        if (n <= 0) {
            end();
        }
    }
    if (ready_.empty()) {
        co_return std::nullopt;
    }
    Record record = std::move(ready_.front());
    ready_.pop_front();
    co_return record;
}

void XargsItems::take(char c) {
    switch (state_) {
        case State::escaped:
            item_ += c;
            state_ = State::plain;
            return;
        case State::quoted:
            if (c == quote_) {
                state_ = State::plain;
            } else if (c == '\n') {
                end();
            } else {
                item_ += c;
            }
            return;
        case State::plain: take_plain(c); return;
    }
}

void XargsItems::take_plain(char c) {
    if (c == ' ' || c == '\t') {
        take_blank(c);
        return;
    }
    if (c == '\n') {
        end_line();
        return;
    }
    has_item_ = true;
    ends_with_blank_ = false;
    if (c == '\'' || c == '"') {
        state_ = State::quoted;
        quote_ = c;
    } else if (c == '\\') {
        state_ = State::escaped;
    } else {
        item_ += c;
    }
}

void XargsItems::take_blank(char c) {
    if (config_.unit != Unit::as_whole) {
        end_item();
        ends_with_blank_ = true;
    } else if (has_item_) {
        item_ += c;
    }
}

void XargsItems::end_item() {
    if (!std::exchange(has_item_, false)) {
        return;
    }
    if (!config_.end_string.empty() && item_ == config_.end_string) {
        has_ended_ = true;
        push();
        return;
    }
    if (item_.find('\0') != std::string::npos) {
        record_.problem = "an item contains a NUL byte (use -0 if NUL ends each item)";
    }
    record_.fields.push_back(std::exchange(item_, {}));
    if (config_.unit != Unit::lines) {
        push();
    }
}

void XargsItems::end_line() {
    end_item();
    if (!std::exchange(ends_with_blank_, false)) {
        push();
    }
}

void XargsItems::end() {
    if (state_ == State::quoted) {
        error_ = fmt::format("unmatched {} quote; quotes are special unless -0 or -d is given",
                             quote_ == '"' ? "double" : "single");
        has_item_ = false;
    }
    end_item();
    push();
    has_ended_ = true;
}

void XargsItems::push() {
    if (!record_.fields.empty()) {
        ready_.push_back(std::exchange(record_, {}));
    }
}

}  // namespace antsrun
