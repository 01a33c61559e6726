// Writes a job's standard input, as fast as the job takes it. Belongs to one carrier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ants/wait.hpp"
#include "base/fd.hpp"
#include "job/job.hpp"

namespace antsrun {

class Feed {
public:
    // `pipe`: our end of the pipe; made non-blocking. `wake` is set when there is more to write; it
    // outlives the feed.
    Feed(UniqueFd pipe, std::shared_ptr<const JobInput> input, ants::Notice& wake);
    ~Feed();

    // To be polled for events(). Taken out of the poll before the feed is destroyed.
    int descriptor() const { return pipe_.get(); }
    // POLLOUT; 0 while there is room in the pipe but nothing to write, and may be later.
    short events() const;

    // Get more to write, if there is nothing now. False: there will be nothing more.
    bool refill();

    // The poll said this: write what the pipe takes. False: everything is written, or the job reads
    // no more.
    bool write_some(short revents);

private:
    void size_pipe(std::size_t wanted);
    bool write_bytes();
    bool is_written() const { return written_ == bytes_->size(); }
    bool write_file();

    const UniqueFd pipe_;
    const std::shared_ptr<const JobInput> input_;
    ants::Notice& wake_;
    std::string block_;      // the last one taken
    bool has_room_ = false;  // for the next one: the job has read what it had
    std::size_t pipe_size_ = 64 * 1024;
    const std::string* bytes_;  // those of the input, then the block
    std::size_t written_ = 0;   // of the bytes
    std::uint64_t sent_ = 0;    // of the file's part
};

}  // namespace antsrun
