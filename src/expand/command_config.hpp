// What was asked for about commands: the template and its placeholders. A plain value, made by the
// command line's reader.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace antsrun {

// As the path of the shell: commands are split into words as a shell splits them, and executed.
inline constexpr std::string_view kNoShell = "none";

struct CommandConfig {
    // The template's words as they were given. Empty: each record is a command line.
    std::vector<std::string> words;
    // -I: what stands for the arguments.
    std::string item = "{}";
    // --plus
    bool plus = false;
    // --rpl, as given: "NAME s/REGEX/TEXT/".
    std::vector<std::string> rewrites;
    // -q: nothing in the words is shell syntax.
    bool quote = false;

    // Several records in one job. How many: as many as fit, or this (-n -N -L; 0 takes one and
    // inserts none).
    enum class Batching { none, records, lines, fill };
    Batching batching = Batching::none;
    std::optional<std::size_t> most_records;
    // -X -N -L: the word round {} is repeated for each.
    bool repeat = false;
    // -X -m: no slot stays idle at the end.
    bool spread = false;
    // -s: bytes of the whole command. 0: what the system allows.
    std::size_t most_bytes = 0;
    // -x
    bool too_long_ends = false;
};

}  // namespace antsrun
