#include "emit/writer.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace antsrun {
namespace {

constexpr std::uint64_t kCopySize = 1024 * 1024;

}  // namespace

Writer::Writer(int fd) : fd_(fd), is_terminal_(::isatty(fd) == 1) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return;
    }
    is_socket_ = S_ISSOCK(status.st_mode);
    if (!S_ISFIFO(status.st_mode) && !is_terminal_) {
        return;
    }
    const auto path = fmt::format("/proc/self/fd/{}", fd);
    own_ = UniqueFd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (own_) {
        fd_ = own_.get();
    } else {
        may_block_ = true;
    }
}

ants::Task<int> Writer::write(std::string_view bytes) {
    while (!bytes.empty()) {
        if (may_block_) {
            co_await room();
        }
        const auto n = put(bytes);
        if (n >= 0) {
            written_ += static_cast<std::uint64_t>(n);
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (n == -EAGAIN) {
            co_await room();
        } else {
            co_return static_cast<int>(-n);
        }
    }
    co_return 0;
}

ants::Task<int> Writer::copy(int file, std::uint64_t size) {
    for (std::uint64_t offset = 0; offset < size;) {
        if (may_block_) {
            co_await room();
        }
        const auto n = put_file(file, offset, size - offset);
        if (n > 0) {
            written_ += static_cast<std::uint64_t>(n);
            offset += static_cast<std::uint64_t>(n);
        } else if (n == -EAGAIN) {
            co_await room();
        } else {
            co_return n == 0 ? EIO : static_cast<int>(-n);
        }
    }
    co_return 0;
}

ants::Task<> Writer::room() {
    ::pollfd waiting{fd_, POLLOUT, 0};
    co_await ants::poll({&waiting, 1}, ants::kNever, &given_up_notice_);
}

void Writer::give_up() {
    given_up_ = true;
    given_up_notice_.set();
}

// The number of bytes written, or -errno.
std::int64_t Writer::put(std::string_view bytes) {
    if (given_up_) {
        return -ETIMEDOUT;
    }
    const std::size_t length =
        may_block_ ? std::min<std::size_t>(bytes.size(), PIPE_BUF) : bytes.size();
    for (;;) {
        const ssize_t n = is_socket_
                              ? ::send(fd_, bytes.data(), length, MSG_DONTWAIT | MSG_NOSIGNAL)
                              : ::write(fd_, bytes.data(), length);
        if (n >= 0 || errno != EINTR) {
            return n >= 0 ? n : -errno;
        }
    }
}

std::int64_t Writer::put_file(int file, std::uint64_t offset, std::uint64_t size) {
    if (given_up_) {
        return -ETIMEDOUT;
    }
    auto position = static_cast<off_t>(offset);
    if (can_send_file_ && !may_block_ && !is_socket_) {
        const ssize_t n = ::sendfile(fd_, file, &position, std::min(size, kCopySize));
        if (n >= 0 || (errno != EINVAL && errno != ENOSYS)) {
            return n >= 0 ? n : -errno;
        }
        can_send_file_ = false;  // stdout was opened for appending, for one
    }
    static char buffer[64 * 1024];
    const ssize_t n = ::pread(file, buffer, std::min<std::uint64_t>(size, sizeof buffer), position);
    if (n <= 0) {
        return n < 0 ? -errno : 0;
    }
    return put({buffer, static_cast<std::size_t>(n)});
}

}  // namespace antsrun
