// The journal (--joblog): one line for each job that has ended, written at once, so that a later
// run can go on where this one stopped, however it stopped. The lines are those of
// journal_format.hpp.
//
//     auto journal = Journal::open(name, Journal::Mode::append);  // before the first job
//     if (!journal) { say journal.error(), exit 255 }
//     const JournalRecords recorded = journal->take_recorded();
//     ...
//     if (auto error = journal->record(finished)) { say it once, start nothing more, exit 255 }
//
// A regular file belongs to one run at a time: it is locked (flock) until the Journal is gone, and
// a second run is refused. So it is to be opened in the process that runs the jobs, after any fork:
// a copy of the descriptor in another process would go on holding the lock. A line is one write at
// the end of the file; one that does not fit on the disk is cut off again. The mode of a new file
// comes from the umask; the new file in the place of an old one is never open to more than that
// was.
//
// A device, a fifo that somebody reads, or an open descriptor (/dev/fd/N, /dev/stdout, and "-" for
// the latter) is written in place, not locked, and has no records. A reader who does not read holds
// up the caller. SIGPIPE and SIGXFSZ are to be blocked or ignored.
//
// Belongs to the control thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "job/seams.hpp"
#include "report/journal_reader.hpp"

namespace antsrun {

struct Destination;

class Journal {
public:
    enum class Mode {
        // Begin a new one. An old one that is not empty is kept as FILE~, in the place of an older
        // FILE~.
        replace,
        // Go on with the old one, if there is one (--joblog +FILE, --resume): it is read, a torn
        // last line is cut off, and what is no job log is refused and left alone.
        append,
    };

    // A new or empty file has the header afterwards: one that cannot be written to is known now.
    // Symbolic links are followed, except in a directory open to others, as for --report.
    static Result<Journal> open(const std::string& name, Mode mode);

    // Add the line of a job that has ended. Nothing is returned if all of it is in the file, else
    // none of it is, and the next may be tried all the same. Blocks until it is done.
    std::optional<Error> record(const Finished& finished);

    // What stood in the file when it was opened with Mode::append, to be had once. Its torn_bytes()
    // have been cut off.
    JournalRecords take_recorded() { return std::exchange(recorded_, {}); }

private:
    explicit Journal(std::string name) : name_(std::move(name)) {}
    std::optional<Error> open_regular(const Destination& place, Mode mode);
    std::optional<Error> lock(int file, struct stat& status) const;
    std::optional<Error> open_special(const Destination& place);
    std::optional<Error> open_descriptor(int number);
    std::optional<Error> read_recorded();
    std::optional<Error> write(std::string_view line);
    bool cut_unfinished();

    // "--joblog 'F': what: No space left on device"; code 0: the text says everything.
    Error failure(int code, std::string_view what = "") const;

    std::string name_;
    UniqueFd file_;
    bool is_regular_ = false;
    JournalRecords recorded_;
    // Bytes at the end of the file that belong to a line not written to its end.
    std::size_t unfinished_ = 0;
};

}  // namespace antsrun
