#include "read/record_pattern.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/pattern.hpp"

namespace antsrun {
namespace {

using Matches = std::regex_iterator<std::string_view::const_iterator>;
using Match = std::match_results<std::string_view::const_iterator>;

// Where the record ends in `text`, and where the match does.
struct Found {
    std::size_t record;
    std::size_t match;
};

Found found_at(std::string_view text, const Match& match) {
    return {static_cast<std::size_t>(match[1].second - text.begin()),
            static_cast<std::size_t>(match[0].second - text.begin())};
}

Matches matches_from(std::string_view text, std::size_t begin, const std::regex& pattern) {
    const auto flags =
        begin > 0 ? std::regex_constants::match_prev_avail : std::regex_constants::match_default;
    return {text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), pattern, flags};
}

}  // namespace

Result<RecordPattern> RecordPattern::parse(const std::string& end, const std::string& start) {
    // Each alone first: together, with what is put round them, they may look right though they are
    // not.
    for (const std::string& text : {end, start}) {
        if (const auto alone = compile_pattern(text); !alone) {
            return alone.error();
        }
    }
    auto between = compile_pattern("(" + end + ")(?:" + start + ")");
    auto first = compile_pattern("^(?:" + start + ")");
    auto last = compile_pattern("(?:" + end + ")$");
    for (const auto* pattern : {&between, &first, &last}) {
        if (!*pattern) {
            return pattern->error();
        }
    }
    if (std::regex_match("", *between)) {
        return Error{
            fmt::format("regular expressions that match an empty text separate no records: "
                        "--recend '{}' --recstart '{}'",
                        end, start),
            0};
    }
    RecordPattern pattern;
    pattern.between_ = std::move(*between);
    pattern.start_ = std::move(*first);
    pattern.end_ = std::move(*last);
    return pattern;
}

std::size_t RecordPattern::last(std::string_view text, std::size_t limit, bool is_all) const {
    limit = std::min(limit, text.size());
    // Nearest to the limit first.
    for (std::size_t window = 4 * kLookBack;; window *= 4) {
        const std::size_t begin = limit > window ? limit - window : 0;
        std::size_t last = 0;
        for (Matches match = matches_from(text, begin, between_); match != Matches(); ++match) {
            const Found found = found_at(text, *match);
            if (found.record > limit || (found.match == text.size() && !is_all)) {
                break;
            }
            last = found.record;
        }
        if (last != 0 || begin == 0) {
            return last;
        }
    }
}

std::size_t RecordPattern::first(std::string_view text, std::size_t from, bool is_all) const {
    if (from >= text.size()) {
        return std::string_view::npos;
    }
    const std::size_t begin = from > kLookBack ? from - kLookBack : 0;
    for (Matches match = matches_from(text, begin, between_); match != Matches(); ++match) {
        const Found found = found_at(text, *match);
        if (found.match == text.size() && !is_all) {
            break;
        }
        if (found.record > from) {
            return found.record;
        }
    }
    return std::string_view::npos;
}

std::string RecordPattern::without(std::string_view text) const {
    std::string result(text);
    result = std::regex_replace(result, start_, "", std::regex_constants::format_first_only);
    result = std::regex_replace(result, between_, "");
    return std::regex_replace(result, end_, "", std::regex_constants::format_first_only);
}

}  // namespace antsrun
