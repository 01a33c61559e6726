// Where the report goes (--report), and getting it there whole. Belongs to the control thread.
//
//     auto file = ReportFile::prepare(options.report);  // before the first job
//     ...
//     if (file->target() == ReportFile::Target::file) {
//         if (auto error = file->write(json)) { say it, show the report on stderr, exit 255 }
//     }
//
// A regular file, or a name that does not exist yet, is replaced: the report is written to an
// unnamed file in the same directory, synced, and given the name in one step. So the name holds the
// old report or the new one, whole, at any moment. A new file's mode comes from the umask, one that
// exists keeps its own, and neither is ever writable for group or others. Symbolic links are
// followed (the file they lead to is replaced), except in a sticky directory such as /tmp, where
// that is an error.
//
// A device, a fifo or an open descriptor (/dev/fd/N) is written in place, never replaced. A fifo
// that nobody reads by the end is an error, not a wait for ever. SIGPIPE and SIGXFSZ are to be
// blocked or ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace antsrun {

struct Destination;

class ReportFile {
public:
    enum class Target {
        nowhere,
        standard_output,  // the caller prints it, after the output of the jobs
        standard_error,   // the same
        file,             // write() does it
    };

    // `name` is the value of --report: empty = stderr, "-" = stdout, "none", or a file. /dev/stdout
    // and /dev/stderr count as stdout and stderr. A file that could not be written, as far as can
    // be known now, is an error. Leaves nothing in the file system.
    static Result<ReportFile> prepare(const std::string& name);

    Target target() const { return target_; }

    // Write the report; for Target::file only. Nothing is returned if all went well. Blocks until
    // it is done. After a failure an old report is still there, and nothing else.
    std::optional<Error> write(std::string_view text);

private:
    std::optional<Error> prepare_descriptor(int number);
    std::optional<Error> prepare_regular(Destination destination);
    std::optional<Error> prepare_special(Destination destination);
    std::optional<Error> open_special();
    std::optional<Error> replace(std::string_view text) const;

    // What just failed, in the user's words.
    Error failure() const;

    Target target_ = Target::nowhere;
    std::string name_;  // as given

    // To be replaced, or a fifo not open yet: the directory it is in and its name there.
    UniqueFd directory_;
    std::string base_;
    // Of the file that is there already: the mode to keep.
    std::optional<mode_t> old_mode_;

    // To be written in place.
    bool in_place_ = false;
    UniqueFd open_;
};

}  // namespace antsrun
