// Items as xargs reads them: between blanks and newlines, with quotes and backslashes to protect
// these. Control thread only; waiting parks the coroutine.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "job/seams.hpp"
#include "read/source.hpp"

namespace antsrun {

struct XargsItemsConfig {
    enum class Unit {
        items,     // each item is a record
        lines,     // -L: a record has the items of a line; a trailing blank joins lines
        as_whole,  // -I: a line is a record, without the blanks it begins with
    };
    Unit unit = Unit::items;
    // An item, or with as_whole a line, that ends the input. Empty: none does.
    std::string end_string;
};

class XargsItems : public RecordSource {
public:
    // `file`: "-" is stdin.
    static Result<std::unique_ptr<XargsItems>> open(const std::string& file,
                                                    XargsItemsConfig config);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override { return error_; }

private:
    enum class State { plain, quoted, escaped };

    XargsItems(Input input, XargsItemsConfig config)
        : config_(std::move(config)), input_(std::move(input)) {}

    void take(char c);
    void take_plain(char c);
    void take_blank(char c);
    void end_item();
    void end_line();
    void end();
    void push();

    const XargsItemsConfig config_;
    Input input_;
    State state_ = State::plain;
    char quote_ = 0;
    std::string item_;
    bool has_item_ = false;
    bool ends_with_blank_ = false;  // the line, so far
    Record record_;
    std::deque<Record> ready_;
    bool has_ended_ = false;
    std::string error_;
};

}  // namespace antsrun
