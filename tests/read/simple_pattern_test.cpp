#include "read/simple_pattern.hpp"

#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <vector>

namespace antsrun {
namespace {

TEST_CASE("simple pattern: matches what std::regex does") {
    const std::vector<std::string> patterns{
        "[a-c]",   "[^a-c]",  "[^a-c]+",  "a?b",     "a*b+c?", "[ab]*c",   "\\w",   "\\W+",
        "\\d\\D?", "[\\s,]+", "[,-.]",    "[a-]",    "[-a]",   "[\\]\\-]", " *, *", "\\s*[,;]\\s*",
        "\\S",     "a+a?",    ".",        "[.]",     "[*+?]",  "\\[\\]",   "\\n",   "a?b?",
        "#",       "-",       "\xc3\xa9", "[^\\d,]", "/",      "[\\w]+:",  "b*b?",  "\\$\\^",
    };
    const std::vector<std::string> texts{
        "abc",   "aabbcc",     "a1b22,c",     " a , b;c ", "x-y.z]a[]", "a\nb\r\tc", "a.b*c+d?",
        "ab a-", "\xc3\xa9,a", "$^#-/a_b:cc", "",          "aaa",       "bbab"};
    for (const std::string& pattern : patterns) {
        const auto simple = SimplePattern::parse(pattern);
        CAPTURE(pattern);
        REQUIRE(simple);
        const std::regex regex(pattern);
        for (const std::string& text : texts) {
            CAPTURE(text);
            for (std::size_t at = 0; at <= text.size(); ++at) {
                std::smatch found;
                const bool matches =
                    std::regex_search(text.begin() + static_cast<long>(at), text.end(), found,
                                      regex, std::regex_constants::match_continuous);
                const auto size = simple->match_at(text, at);
                REQUIRE(size.has_value() == matches);
                CHECK(size.value_or(0) == static_cast<std::size_t>(found.length()));
            }
        }
    }
}

TEST_CASE("simple pattern: what is not one") {
    for (const char* pattern : {"a*a",         "a?ab",  "[ab]*cb?a?b*c", ".*,", "\\w+\\w", "a+?",
                                "a{2}",        "(a)",   "a|b",           "^a",  "a$",      "\\b",
                                "[[:space:]]", "\\1",   "[\\t-\\r]",     "[",   "*",       "\\",
                                "\\x41",       "[\\b]", "[b-a]"}) {
        CAPTURE(pattern);
        CHECK_FALSE(SimplePattern::parse(pattern));
    }
}

}  // namespace
}  // namespace antsrun
