// What is asked of the read stage: which sources, how they go together, and what is done to what
// they give. Plain values, made by the command line's reader.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace antsrun {

// On which sides of a value white space is removed.
enum class Trim { none, left, right, both };

// One ":::", "::::" or "-a".
struct SourceSpec {
    bool is_file = false;
    std::string file;                 // if it is one; "-" is stdin, at most once
    std::vector<std::string> values;  // otherwise
    // ":::+" and "::::+": goes in step with the source before it; the shorter one ends both.
    bool is_linked = false;
    // Follow `file`, as if they were one.
    std::vector<std::string> more_files = {};
};

struct RecordsConfig {
    // All combinations of them, the last one fastest. Empty: stdin.
    std::vector<SourceSpec> sources;
    // What ends a record in a file. If it is a newline, a carriage return before it is dropped.
    std::string delimiter = "\n";
    // --link: all sources go in step, the shorter ones start over.
    bool link_all = false;
    // -E: a source ends before an item equal to this, as it stands in the source. Empty: none does.
    std::string end_string;
    // -r: leave out what is only white space, as it stands in the source.
    bool drop_blank = false;
    // -C: split into columns at what this ECMAScript regular expression matches. With csv: the one
    // character between the columns, a comma if not set.
    std::optional<std::string> column_separator;
    // RFC 4180: quoted columns, quoted newlines.
    bool csv = false;
    // Of each column or value, and of names. Not set: both sides if there is a column separator.
    std::optional<Trim> trim;
    // The first record of each source has the names of its columns.
    bool header = false;
    // Read all, then give out in random order: always the same one for the same seed.
    bool shuffle = false;
    std::optional<std::uint64_t> seed;
    // Called at the first carriage return that is dropped.
    std::function<void()> on_carriage_return;
};

}  // namespace antsrun
