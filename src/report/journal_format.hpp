// One line of the journal (--joblog), in GNU parallel's format: what a job that has ended looks
// like there, and what a line says. Pure functions.
//
//     Seq  Host  Starttime  JobRuntime  Send  Receive  Exitval  Signal  Command
//
// The columns are separated by single tabs. In the command, antsrun writes newline, tab, backslash
// and NUL as \n, \t, \\ and \0, so that no command can end its line and forge another. GNU parallel
// writes a newline as a NUL byte and everything else as it is; its lines are understood as well.
//
// Both writers' lines look the same otherwise, so a backslash can be read in two ways: `a\tb` is a
// real tab if antsrun wrote it, a backslash and a t if GNU parallel did. Whoever compares commands
// accepts both; whoever needs the command back (original_command) has to decide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "job/seams.hpp"

namespace antsrun {

inline constexpr std::string_view kJournalHeader =
    "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

// The line of a job that has ended, its newline included.
//
// Starttime is in seconds since 1970, JobRuntime in seconds; Send and Receive are the bytes the job
// was given on stdin and those of its stdout that were captured. Exitval is what $? would be: 128+n
// for a job that died of signal n (GNU parallel writes 0 there), 127 or 126 for one that could not
// be started. -1 with signal 15 is a job that timed out, or that antsrun ended and that then
// exited 0: a job that did not succeed never has 0 in both columns.
std::string journal_line(const Finished& finished);

// What a line says.
struct JournalEntry {
    std::uint64_t seq = 0;
    bool failed = false;
    // As it stands there, escapes and all. Part of the line.
    std::string_view command;
};

// `line` is without its newline. None if it is not a record.
std::optional<JournalEntry> parse_journal_line(std::string_view line);

// A command as antsrun writes it to the log, and as GNU parallel does.
std::string as_antsrun_writes(std::string_view command);
std::string as_gnu_parallel_writes(std::string_view command);

// The command that was recorded as `text`. What can have been written by antsrun is taken to be,
// the rest was written by GNU parallel.
std::string original_command(std::string_view text);

}  // namespace antsrun
