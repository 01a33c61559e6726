#include "report/journal.hpp"

#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/destination.hpp"
#include "report/journal_format.hpp"

namespace antsrun {
namespace {

constexpr int kFlags = O_NOCTTY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t kMode = 0666;

// Does the name at `place` still lead to this file? Another run may have put it aside between our
// opening it and our locking it.
bool is_named(const struct stat& file, const Destination& place) {
    struct stat named {};
    return ::fstatat(place.directory.get(), place.base.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_dev == file.st_dev && named.st_ino == file.st_ino;
}

}  // namespace

Result<Journal> Journal::open(const std::string& name, Mode mode) {
    Journal journal(name);
    auto place = find_destination(name == "-" ? "/dev/stdout" : name);
    if (!place) {
        return journal.failure(place.error().code, place.error().what);
    }
    using Kind = Destination::Kind;
    auto error = place->kind == Kind::regular      ? journal.open_regular(*place, mode)
                 : place->kind == Kind::descriptor ? journal.open_descriptor(place->descriptor)
                                                   : journal.open_special(*place);
    if (!error && journal.is_regular_ && mode == Mode::append) {
        error = journal.read_recorded();
    }
    // What has been left of an old log begins with a header.
    if (!error && journal.recorded_.whole_bytes() == 0) {
        error = journal.write(kJournalHeader);
    }
    if (error) {
        return *std::move(error);
    }
    return journal;
}

// Whoever holds the lock of the file that has this name may append to it or put it aside; nobody
// else does. So a round that finds another file than it has locked is over, and so is one that has
// put the old log aside: the next round takes what then has the name, a new file as a rule.
std::optional<Error> Journal::open_regular(const Destination& place, Mode mode) {
    const int directory = place.directory.get();
    const char* const base = place.base.c_str();
    const std::string kept = place.base + '~';
    mode_t permissions = kMode;
    constexpr int kRounds = 100;
    for (int round = 0; round < kRounds; ++round) {
        UniqueFd file(::openat(directory, base, O_RDWR | O_CREAT | O_APPEND | kFlags, permissions));
        struct stat status {};
        if (!file) {
            return failure(errno);
        }
        if (auto error = lock(file.get(), status)) {
            return error;
        }
        if (!S_ISREG(status.st_mode) || !is_named(status, place)) {
            continue;
        }
        if (mode == Mode::append || status.st_size == 0) {
            file_ = std::move(file);
            is_regular_ = true;
            return {};
        }
        if (::renameat(directory, base, directory, kept.c_str()) != 0) {
            const int code = errno;
            return failure(code, fmt::format("keep the old one as '{}'", kept));
        }
        permissions = status.st_mode & kMode;
    }
    return failure(0, "other runs keep replacing it");
}

// `status` is the file's under the lock, when nobody else writes to it any more.
std::optional<Error> Journal::lock(int file, struct stat& status) const {
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? failure(0, "another run is writing to it")
                                    : failure(errno, "lock");
    }
    return ::fstat(file, &status) == 0 ? std::nullopt : std::optional(failure(errno));
}

std::optional<Error> Journal::open_special(const Destination& place) {
    file_ = UniqueFd(
        ::openat(place.directory.get(), place.base.c_str(), O_WRONLY | O_NONBLOCK | kFlags));
    if (file_) {
        return {};
    }
    return errno == ENXIO ? failure(0, "nobody reads it") : failure(errno);
}

std::optional<Error> Journal::open_descriptor(int number) {
    auto copy = copy_descriptor(number);
    if (!copy) {
        return failure(copy.error().code, copy.error().what);
    }
    file_ = std::move(*copy);
    return {};
}

std::optional<Error> Journal::read_recorded() {
    auto records = read_journal(file_.get(), name_);
    if (!records) {
        return records.error();
    }
    const auto whole = static_cast<off_t>(records->whole_bytes());
    if (records->torn_bytes() > 0 && ::ftruncate(file_.get(), whole) != 0) {
        return failure(errno, "cut off a torn record");
    }
    recorded_ = std::move(*records);
    return {};
}

std::optional<Error> Journal::record(const Finished& finished) {
    return write(journal_line(finished));
}

std::optional<Error> Journal::write(std::string_view line) {
    if (!cut_unfinished()) {
        return failure(errno);
    }
    while (unfinished_ < line.size()) {
        const auto rest = line.substr(unfinished_);
        const ssize_t n = ::write(file_.get(), rest.data(), rest.size());
        if (n > 0) {
            unfinished_ += static_cast<std::size_t>(n);
        } else if (n == 0 || errno == EAGAIN) {
            ::pollfd writable{file_.get(), POLLOUT, 0};
            ::poll(&writable, 1, -1);
        } else if (errno != EINTR) {
            const int code = errno;
            cut_unfinished();
            return failure(code);
        }
    }
    unfinished_ = 0;
    return {};
}

// False with errno set if it is still there; then the next line tries again before it is written.
bool Journal::cut_unfinished() {
    if (unfinished_ > 0 && is_regular_) {
        // Writing leaves the offset at the end of what was written.
        const off_t end = ::lseek(file_.get(), 0, SEEK_CUR);
        const off_t whole = end - static_cast<off_t>(unfinished_);
        if (end < 0 || ::ftruncate(file_.get(), whole) != 0) {
            return false;
        }
    }
    unfinished_ = 0;
    return true;
}

Error Journal::failure(int code, std::string_view what) const {
    return Error{fmt::format("--joblog '{}'{}{}", name_, what.empty() ? "" : ": ", what), code};
}

}  // namespace antsrun
