// Writes a job's standard input, as fast as the job takes it. Belongs to one carrier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/fd.hpp"
#include "job/job.hpp"

namespace antsrun {

class Feed {
public:
    // `pipe`: our end of the pipe; made non-blocking.
    Feed(UniqueFd pipe, std::shared_ptr<const JobInput> input);

    // To be polled for POLLOUT. Taken out of the poll before the feed is destroyed.
    int descriptor() const { return pipe_.get(); }

    // Write what the pipe takes. False: everything is written, or the job reads no more.
    bool write_some();

private:
    bool write_bytes();
    bool write_file();

    const UniqueFd pipe_;
    const std::shared_ptr<const JobInput> input_;
    std::size_t written_ = 0;  // of the bytes
    std::uint64_t sent_ = 0;   // of the file's part
};

}  // namespace antsrun
