#include "report/destination.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace antsrun {
namespace {

constexpr int kMostLinks = 40;  // as in the kernel

// One step of the way.
struct Place {
    std::string path;
    std::string parent;
    Destination found;
    bool is_sticky = false;  // the directory

    bool is(mode_t type) const { return found.exists && (found.status.st_mode & S_IFMT) == type; }
};

Error refusal(const std::string& path, std::string_view why) {
    return Error{fmt::format("'{}' {}", path, why), 0};
}

Result<Place> look_at(const std::string& path) {
    const auto slash = path.rfind('/');
    Place place;
    place.path = path;
    place.parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    place.found.base = slash == std::string::npos ? path : path.substr(slash + 1);
    if (place.found.base.empty()) {
        return refusal(path, "is a directory; a file is needed");
    }
    auto directory = open_file(place.parent, O_PATH | O_DIRECTORY);
    if (!directory) {
        return directory.error();
    }
    struct stat status {};
    if (::fstat(directory->get(), &status) != 0) {
        return last_error(fmt::format("directory '{}'", place.parent));
    }
    place.is_sticky = (status.st_mode & S_ISVTX) != 0;
    place.found.exists = ::fstatat(directory->get(), place.found.base.c_str(), &place.found.status,
                                   AT_SYMLINK_NOFOLLOW) == 0;
    if (!place.found.exists && errno != ENOENT) {
        return last_error(fmt::format("'{}'", path));
    }
    place.found.directory = std::move(*directory);
    return place;
}

// The number, if this is an entry of our own /proc/self/fd; else -1.
int descriptor_at(const Place& place) {
    const int directory = place.found.directory.get();
    struct statfs file_system {};
    struct stat here {};
    struct stat ours {};
    if (::fstatfs(directory, &file_system) != 0 || file_system.f_type != PROC_SUPER_MAGIC ||
        ::fstat(directory, &here) != 0 || ::stat("/proc/self/fd", &ours) != 0 ||
        here.st_ino != ours.st_ino || here.st_dev != ours.st_dev) {
        return -1;
    }
    int number = -1;
    const std::string& digits = place.found.base;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc{} && stop == end ? number : -1;
}

// In a directory where everybody may put things: did somebody put this here to lead us astray?
bool is_suspicious(const Place& place) {
    if (!place.is_sticky || !place.found.exists || place.is(S_IFREG)) {
        return false;
    }
    return place.is(S_IFLNK) || place.found.status.st_uid != ::geteuid();
}

Result<std::string> target_of(const Place& link) {
    std::array<char, PATH_MAX> buffer{};
    const ssize_t size = ::readlinkat(link.found.directory.get(), link.found.base.c_str(),
                                      buffer.data(), buffer.size());
    if (size <= 0) {
        return last_error(fmt::format("'{}'", link.path));
    }
    std::string target(buffer.data(), static_cast<std::size_t>(size));
    return target.front() == '/' ? target : link.parent + '/' + target;
}

Result<Destination> finish(Place place) {
    if (place.is(S_IFDIR)) {
        return refusal(place.path, "is a directory; a file is needed");
    }
    if (place.is(S_IFSOCK)) {
        return refusal(place.path, "is a socket; a file is needed");
    }
    const bool is_regular = !place.found.exists || place.is(S_IFREG);
    place.found.kind = is_regular ? Destination::Kind::regular : Destination::Kind::special;
    return std::move(place.found);
}

}  // namespace

Result<Destination> find_destination(const std::string& path) {
    std::string next = path;
    for (int links = 0; links <= kMostLinks; ++links) {
        auto place = look_at(next);
        if (!place) {
            return place.error();
        }
        if (const int number = descriptor_at(*place); number >= 0) {
            place->found.kind = Destination::Kind::descriptor;
            place->found.descriptor = number;
            return std::move(place->found);
        }
        if (is_suspicious(*place)) {
            return refusal(next, place->is(S_IFLNK)
                                     ? "is a symbolic link in a directory open to others, which is "
                                       "not followed; name the file it leads to"
                                     : "is in a directory open to others and not yours");
        }
        if (!place->is(S_IFLNK)) {
            return finish(std::move(*place));
        }
        auto target = target_of(*place);
        if (!target) {
            return target.error();
        }
        next = std::move(*target);
    }
    return Error{fmt::format("'{}'", path), ELOOP};
}

// Ours are close-on-exec, the caller's, having come through exec, are not.
Result<UniqueFd> copy_descriptor(int number) {
    const int flags = ::fcntl(number, F_GETFD);
    const int access = ::fcntl(number, F_GETFL);
    if (flags == -1 || (flags & FD_CLOEXEC) != 0 || (access & O_ACCMODE) == O_RDONLY) {
        return Error{fmt::format("descriptor {} is not open for writing", number), 0};
    }
    UniqueFd copy(::fcntl(number, F_DUPFD_CLOEXEC, 3));
    if (!copy) {
        return last_error(fmt::format("descriptor {}", number));
    }
    return copy;
}

}  // namespace antsrun
