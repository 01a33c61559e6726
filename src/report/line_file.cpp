#include "report/line_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

namespace antsrun {

Result<std::unique_ptr<LineFile>> LineFile::create(const std::string& path) {
    auto file =
        open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NONBLOCK | O_NOCTTY, 0666);
    if (!file) {
        if (file.error().code == ENXIO) {
            return Error{fmt::format("open '{}': nobody reads it", path), 0};
        }
        return file.error();
    }
    return std::unique_ptr<LineFile>(new LineFile(std::move(*file)));
}

void LineFile::add(std::string_view line) {
    if (waiting_.empty()) {
        line.remove_prefix(put(line));
    }
    if (!line.empty() && error_ == 0) {
        waiting_ += line;
        changed_.set();
    }
}

// How many bytes were taken.
std::size_t LineFile::put(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && error_ == 0) {
        const ssize_t n = ::write(file_.get(), bytes.data() + taken, bytes.size() - taken);
        if (n >= 0) {
            taken += static_cast<std::size_t>(n);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            fail(errno);
        }
    }
    written_ += taken;
    return taken;
}

void LineFile::fail(int error) {
    error_ = error;
    waiting_.clear();
}

ants::Task<> LineFile::pump() {
    ::pollfd writable{file_.get(), POLLOUT, 0};
    for (;;) {
        while (!waiting_.empty()) {
            co_await ants::poll({&writable, 1}, ants::kNever, &changed_);
            changed_.take();
            const std::size_t taken = put(waiting_);
            waiting_.erase(0, taken);
        }
        drained_.set();
        co_await ants::poll({}, ants::kNever, &changed_);
        changed_.take();
    }
}

ants::Task<> LineFile::flush() {
    while (!waiting_.empty()) {
        drained_.take();
        co_await ants::poll({}, ants::kNever, &drained_);
    }
}

void LineFile::give_up() {
    if (!waiting_.empty()) {
        fail(ETIMEDOUT);
        changed_.set();
    }
}

}  // namespace antsrun
