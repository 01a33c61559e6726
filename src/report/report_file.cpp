#include "report/report_file.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/destination.hpp"
#include "report/temp_file.hpp"

namespace antsrun {
namespace {

// What a report may have at most: nobody but its owner writes to it.
constexpr mode_t kWidestMode = 0644;

}  // namespace

Result<ReportFile> ReportFile::prepare(const std::string& name) {
    ReportFile report;
    report.name_ = name;
    if (name == "none") {
        return report;
    }
    if (name.empty() || name == "-") {
        report.target_ = name.empty() ? Target::standard_error : Target::standard_output;
        return report;
    }
    report.target_ = Target::file;
    auto destination = find_destination(name);
    if (!destination) {
        return Error{fmt::format("--report: {}", destination.error().what),
                     destination.error().code};
    }
    using Kind = Destination::Kind;
    const auto error =
        destination->kind == Kind::descriptor ? report.prepare_descriptor(destination->descriptor)
        : destination->kind == Kind::regular  ? report.prepare_regular(std::move(*destination))
                                              : report.prepare_special(std::move(*destination));
    if (error) {
        return *error;
    }
    return report;
}

std::optional<Error> ReportFile::prepare_descriptor(int number) {
    if (number == STDOUT_FILENO || number == STDERR_FILENO) {
        target_ = number == STDOUT_FILENO ? Target::standard_output : Target::standard_error;
        return {};
    }
    auto copy = copy_descriptor(number);
    if (!copy) {
        return Error{fmt::format("--report '{}': {}", name_, copy.error().what), copy.error().code};
    }
    in_place_ = true;
    open_ = std::move(*copy);
    return {};
}

std::optional<Error> ReportFile::prepare_regular(Destination destination) {
    directory_ = std::move(destination.directory);
    base_ = std::move(destination.base);
    if (destination.exists) {
        old_mode_ = destination.status.st_mode & kWidestMode;
        // Replacing needs no right to write to the old file, but its owner has said what he wants.
        if (::faccessat(directory_.get(), base_.c_str(), W_OK, AT_EACCESS) != 0) {
            return failure();
        }
    }
    if (auto trial = TempFile::create(directory_.get(), kWidestMode); !trial) {
        errno = trial.error().code;
        return failure();
    }
    return {};
}

std::optional<Error> ReportFile::prepare_special(Destination destination) {
    directory_ = std::move(destination.directory);
    base_ = std::move(destination.base);
    in_place_ = true;
    auto error = open_special();
    // The reader of a fifo may not have come so far as to open it.
    return error && error->code == ENXIO && S_ISFIFO(destination.status.st_mode) ? std::nullopt
                                                                                 : error;
}

std::optional<Error> ReportFile::open_special() {
    const int flags = O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    open_ = UniqueFd(::openat(directory_.get(), base_.c_str(), flags));
    if (open_) {
        return {};
    }
    return errno == ENXIO ? Error{fmt::format("--report '{}': nobody reads it", name_), ENXIO}
                          : failure();
}

std::optional<Error> ReportFile::write(std::string_view text) {
    if (!in_place_) {
        return replace(text);
    }
    if (!open_) {
        if (auto error = open_special()) {
            return error;
        }
    }
    return write_all(open_.get(), text) ? std::nullopt : std::optional(failure());
}

std::optional<Error> ReportFile::replace(std::string_view text) const {
    auto file = TempFile::create(directory_.get(), kWidestMode);
    if (!file) {
        errno = file.error().code;
        return failure();
    }
    const bool done = (!old_mode_ || ::fchmod(file->fd(), *old_mode_) == 0) &&
                      write_all(file->fd(), text) && ::fsync(file->fd()) == 0 &&
                      file->publish(base_);
    return done ? std::nullopt : std::optional(failure());
}

Error ReportFile::failure() const { return last_error(fmt::format("--report '{}'", name_)); }

}  // namespace antsrun
