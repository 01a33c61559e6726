#include "base/pattern.hpp"

#include <fmt/format.h>

namespace antsrun {

Result<std::regex> compile_pattern(const std::string& text, bool ignore_case) {
    auto flags = std::regex::ECMAScript | std::regex::optimize;
#ifdef __GLIBCXX__
    // The other way of libstdc++ recurses for each character and ends in a crash. This one has no
    // back-references.
    flags |= std::regex_constants::__polynomial;
#endif
    if (ignore_case) {
        flags |= std::regex::icase;
    }
    try {
        return std::regex(text, flags);
    } catch (const std::regex_error& error) {
        const bool is_back_reference = error.code() == std::regex_constants::error_complexity ||
                                       error.code() == std::regex_constants::error_backref;
        return Error{fmt::format("bad regular expression '{}'{}", text,
                                 is_back_reference ? ": back-references are not supported" : ""),
                     0};
    }
}

}  // namespace antsrun
