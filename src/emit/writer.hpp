// Writes to stdout or stderr from the control thread without ever blocking it.
//
// A pipe or a terminal is opened anew through /proc/self/fd/N, non-blocking: that is a file
// description of our own, so the caller's flags stay as they are. A socket is written with
// MSG_DONTWAIT. Regular files and other devices do not block for long.
#pragma once

#include <cstdint>
#include <string_view>

#include "ants/task.hpp"
#include "ants/wait.hpp"
#include "base/fd.hpp"

namespace antsrun {

class Writer {
public:
    // `fd` stays the caller's and open as long as this lives.
    explicit Writer(int fd);

    // Write all of it, parking while the reader is slow. 0, or the errno of the write that failed.
    // The bytes outlive the call.
    ants::Task<int> write(std::string_view bytes);

    // The same with the first `size` bytes of a file.
    ants::Task<int> copy(int file, std::uint64_t size);

    // End a write that waits for its reader, and all later ones, with ETIMEDOUT.
    void give_up();

    // Bytes so far.
    std::uint64_t written() const { return written_; }

    bool is_terminal() const { return is_terminal_; }

private:
    ants::Task<> room();
    std::int64_t put(std::string_view bytes);
    std::int64_t put_file(int file, std::uint64_t offset, std::uint64_t size);

    int fd_;
    UniqueFd own_;  // fd_, if we opened it
    ants::Notice given_up_notice_;
    bool given_up_ = false;
    std::uint64_t written_ = 0;
    bool is_terminal_ = false;
    bool is_socket_ = false;
    bool may_block_ = false;  // a pipe we may not open anew: small pieces, each after a poll
    bool can_send_file_ = true;
};

}  // namespace antsrun
