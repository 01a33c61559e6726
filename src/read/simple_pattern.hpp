// A regular expression that is a sequence of characters and sets of them, each perhaps repeated,
// such that taking as many as there are is never wrong: ",", "\t", "[,;]", "\s+", " *, *". It
// matches what std::regex would, without its cost in time and stack. Immutable.
#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace antsrun {

class SimplePattern {
public:
    // Nothing if it is not that simple, or not a regular expression.
    static std::optional<SimplePattern> parse(std::string_view pattern);

    // The length of the match that begins at `begin`, if there is one.
    std::optional<std::size_t> match_at(std::string_view text, std::size_t begin) const;

    // The text that it matches, if that is always the same.
    std::optional<std::string> literal() const;

private:
    using Set = std::bitset<256>;
    struct Step {
        Set set;
        bool may_be_absent = false;
        bool may_repeat = false;
    };

    bool is_decided() const;

    std::vector<Step> steps_;
};

}  // namespace antsrun
