// Descriptors with an owner. Every descriptor of ours is close-on-exec and none of them is 0, 1 or
// 2 (fill_standard_descriptors() sees to that), so a job can never meet one by accident.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace antsrun {

// Owns one descriptor, closes it at the end. Move-only. Belongs to one thread at a time.
class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~UniqueFd() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void reset() noexcept;
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

// The two ends of a pipe, both close-on-exec and blocking.
struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};

Result<Pipe> make_pipe();

// open(2), close-on-exec, retried on EINTR. `mode` as for open.
Result<UniqueFd> open_file(const std::string& path, int flags, unsigned mode = 0);

// Write all of it, waiting as long as it takes. False with errno set on failure.
bool write_all(int fd, std::string_view bytes) noexcept;

// Make sure 0, 1 and 2 are open: a missing one becomes the null device, opened so that reading
// gives end of file and writing fails. Returns a bit (1 << n) for each that had to be opened.
unsigned fill_standard_descriptors() noexcept;

}  // namespace antsrun
