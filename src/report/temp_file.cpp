#include "report/temp_file.hpp"

#include <cerrno>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

namespace antsrun {
namespace {

std::string random_name() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number) {
        number = static_cast<std::uint64_t>(::getpid());  // O_EXCL makes it safe all the same
    }
    return fmt::format(".antsrun-{:016x}", number);
}

// The file system, or an old kernel, cannot make files without a name.
bool means_unsupported(int error) {
    return error == EOPNOTSUPP || error == EISDIR || error == EINVAL || error == ENOENT;
}

constexpr int kTries = 100;

}  // namespace

Result<TempFile> TempFile::create(int directory, mode_t mode, Kind kind) {
    if (kind == Kind::unnamed_if_possible) {
        const int fd = ::openat(directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
        if (fd >= 0) {
            return TempFile(directory, UniqueFd(fd), "");
        }
        if (!means_unsupported(errno)) {
            return last_error("create a file");
        }
    }
    for (int i = 0; i < kTries; ++i) {
        std::string name = random_name();
        const int fd =
            ::openat(directory, name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
        if (fd >= 0) {
            return TempFile(directory, UniqueFd(fd), std::move(name));
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return last_error("create a file");
}

TempFile::TempFile(int directory, UniqueFd file, std::string name)
    : directory_(directory), file_(std::move(file)), name_(std::move(name)) {}

TempFile::TempFile(TempFile&& other) noexcept
    : directory_(other.directory_),
      file_(std::move(other.file_)),
      name_(std::exchange(other.name_, {})) {}

TempFile::~TempFile() {
    if (!name_.empty()) {
        ::unlinkat(directory_, name_.c_str(), 0);
    }
}

bool TempFile::publish(const std::string& name) noexcept {
    // linkat(2) replaces nothing, so an unnamed file gets a random name on its way.
    for (int i = 0; name_.empty() && i < kTries; ++i) {
        std::string passing = random_name();
        const std::string self = fmt::format("/proc/self/fd/{}", fd());
        if (::linkat(AT_FDCWD, self.c_str(), directory_, passing.c_str(), AT_SYMLINK_FOLLOW) == 0) {
            name_ = std::move(passing);
        } else if (errno != EEXIST) {
            return false;
        }
    }
    if (::renameat(directory_, name_.c_str(), directory_, name.c_str()) != 0) {
        return false;
    }
    name_.clear();
    return true;
}

}  // namespace antsrun
