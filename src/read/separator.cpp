#include "read/separator.hpp"

#include <utility>

#include <fmt/format.h>

namespace antsrun {

Result<Separator> Separator::parse(const std::string& pattern) {
    if (auto simple = SimplePattern::parse(pattern)) {
        auto literal = simple->literal();
        return literal ? Separator(std::move(*literal)) : Separator(std::move(*simple));
    }
    try {
        return Separator(std::regex(pattern, std::regex::ECMAScript | std::regex::optimize));
    } catch (const std::regex_error& error) {
        return Error{fmt::format("'{}' is not a regular expression: {}", pattern, error.what())};
    }
}

Result<std::vector<std::string>> Separator::split(std::string_view text) const {
    if (text.size() > kLongest && std::holds_alternative<std::regex>(pattern_)) {
        return Error{fmt::format(
            "longer than {} bytes, too long to be split at this regular expression", kLongest)};
    }
    std::vector<std::string> columns;
    std::size_t column = 0;
    while (const auto match = find_next(text, column)) {
        columns.emplace_back(text.substr(column, match->begin - column));
        column = match->begin + match->size;
    }
    columns.emplace_back(text.substr(column));
    return columns;
}

// The match that ends the column that begins at `column`. One of nothing needs a character on each
// side.
std::optional<Separator::Match> Separator::find_next(std::string_view text,
                                                     std::size_t column) const {
    auto match = find(text, column);
    if (match && match->size == 0 && match->begin == column) {
        match = column < text.size() ? find(text, column + 1) : std::nullopt;
    }
    if (match && match->size == 0 && match->begin == text.size()) {
        return std::nullopt;
    }
    return match;
}

std::optional<Separator::Match> Separator::find(std::string_view text, std::size_t from) const {
    if (const auto* literal = std::get_if<Literal>(&pattern_)) {
        const auto begin = text.find(*literal, from);
        return begin == text.npos ? std::nullopt : std::optional(Match{begin, literal->size()});
    }
    if (const auto* simple = std::get_if<SimplePattern>(&pattern_)) {
        for (std::size_t begin = from; begin <= text.size(); ++begin) {
            if (const auto size = simple->match_at(text, begin)) {
                return Match{begin, *size};
            }
        }
        return std::nullopt;
    }
    const auto flags =
        from > 0 ? std::regex_constants::match_prev_avail : std::regex_constants::match_default;
    std::cmatch found;
    if (!std::regex_search(text.data() + from, text.data() + text.size(), found,
                           std::get<std::regex>(pattern_), flags)) {
        return std::nullopt;
    }
    return Match{from + static_cast<std::size_t>(found.position()),
                 static_cast<std::size_t>(found.length())};
}

std::optional<std::string> Separator::literal() const {
    const auto* literal = std::get_if<Literal>(&pattern_);
    return literal != nullptr ? std::optional(*literal) : std::nullopt;
}

}  // namespace antsrun
