// What stands between columns: an ECMAScript regular expression. Most are simple, see
// SimplePattern; only the others are left to std::regex, which takes several times longer and, as
// g++ has it, a stack frame per character, so it is not given a long text. Immutable.
#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "read/simple_pattern.hpp"

namespace antsrun {

class Separator {
public:
    // A text longer than this is split at a SimplePattern only.
    static constexpr std::size_t kLongest = 4096;

    // An error if it is not a regular expression.
    static Result<Separator> parse(const std::string& pattern);

    // What is between the matches: at least one column, perhaps empty. As in Perl, a match of
    // nothing separates two characters. Groups are not columns. An error if the text is too long.
    Result<std::vector<std::string>> split(std::string_view text) const;

    // The text that it matches, if that is always the same.
    std::optional<std::string> literal() const;

private:
    struct Match {
        std::size_t begin;
        std::size_t size;
    };
    using Literal = std::string;
    using Pattern = std::variant<Literal, SimplePattern, std::regex>;

    explicit Separator(Pattern pattern) : pattern_(std::move(pattern)) {}

    std::optional<Match> find(std::string_view text, std::size_t from) const;
    std::optional<Match> find_next(std::string_view text, std::size_t column) const;

    Pattern pattern_;
};

}  // namespace antsrun
