// Placeholders: {} {.} {/} {//} {/.} {#} {%} {2} {-1/.} {name}, those of --plus and own ones
// (--rpl). Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "job/job.hpp"

namespace antsrun {

// --rpl 'NAME s/REGEX/TEXT/FLAGS': what stands for the argument with some of it replaced.
struct Rewrite {
    std::string name;
    std::regex from;
    std::string to;    // as std::regex_replace takes it
    bool all = false;  // every match, not only the first
};

// An error that names what is wrong in it.
Result<Rewrite> parse_rewrite(const std::string& text);

struct PlaceholderConfig {
    // What stands for the arguments: -I.
    std::string item = "{}";
    // {..} {+.} {+/} {##} {0#} {#pre} {%suf} {/a/b} and more of GNU parallel's --plus.
    bool plus = false;
    // {name} may be the name of a column.
    bool named = false;
    std::vector<Rewrite> rewrites;
};

struct Placeholder {
    enum class Kind {
        argument,  // one, or all of them
        seq,
        slot,
        total,        // of jobs
        seq_padded,   // with zeros, to the width of the total
        slot_padded,  // to the width of the number of slots
    };
    Kind kind = Kind::argument;
    // Which argument: from 1, or from the end from -1; 0 all.
    int position = 0;
    // Or the one with this name, if not empty. `position` is 0 then.
    std::string name;
    // What is done to it: "." "/" "//" "/." and those of --plus. Empty: nothing.
    std::string_view change;
    std::string operand;               // {#pre} {%suf} {/a/b}: pre, suf, a
    std::string replacement;           // b
    const Rewrite* rewrite = nullptr;  // of the config
};

// The placeholder that `text` begins with, and its length.
struct FoundPlaceholder {
    Placeholder placeholder;
    std::size_t length = 0;
};
std::optional<FoundPlaceholder> read_placeholder(std::string_view text,
                                                 const PlaceholderConfig& config);

// The argument, changed as the placeholder says. Names are left out of account.
std::string changed(const Placeholder& placeholder, const std::string& argument);

// The value of one that stands for a single argument, by position or name; nothing if the job has
// none such.
std::optional<std::string> single_value(const Placeholder& placeholder, const Job& job);

}  // namespace antsrun
