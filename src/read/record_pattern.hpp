// Where records end in a text, by regular expressions (--regexp): behind what matches one, if what
// follows matches another. Immutable.
#pragma once

#include <cstddef>
#include <regex>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace antsrun {

class RecordPattern {
public:
    // How much before a place is looked at: a longer match may be overlooked.
    static constexpr std::size_t kLookBack = 256;

    // The expressions of the end of a record and of the beginning of the next. An error if they are
    // none, or match nothing at all.
    static Result<RecordPattern> parse(const std::string& end, const std::string& start);

    // As RecordEnds has them. A match that reaches the end of the text may be a longer one when
    // there is more: it does not count, unless this is all.
    std::size_t last(std::string_view text, std::size_t limit, bool is_all) const;
    std::size_t first(std::string_view text, std::size_t from, bool is_all) const;
    std::string without(std::string_view text) const;

private:
    std::regex between_;  // group 1: the end of the record
    std::regex start_;    // of the text
    std::regex end_;
};

}  // namespace antsrun
