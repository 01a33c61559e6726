// A file to which a line is added for each job. Each line is one write, so that whoever reads along
// sees whole lines. Nothing here blocks: what the reader of a pipe has not taken yet waits in
// memory.
//
// Belongs to the control thread. After the first error nothing more is written.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ants/task.hpp"
#include "ants/wait.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"

namespace antsrun {

class LineFile {
public:
    // Makes the file, or empties it.
    static Result<std::unique_ptr<LineFile>> create(const std::string& path);

    // Add a line, its newline included.
    void add(std::string_view line);

    // A task that runs as long as the control loop: writes what waits.
    ants::Task<> pump();

    // Wait until everything is written, or cannot be.
    ants::Task<> flush();

    // Write nothing more, not even what waits: the reader has had his time.
    void give_up();

    // Bytes so far; whether more wait.
    std::uint64_t written() const { return written_; }
    bool has_backlog() const { return !waiting_.empty(); }

    // errno of the first failed write, else 0.
    int error() const { return error_; }

private:
    explicit LineFile(UniqueFd file) : file_(std::move(file)) {}
    std::size_t put(std::string_view bytes);
    void fail(int error);

    const UniqueFd file_;
    std::string waiting_;
    std::uint64_t written_ = 0;
    int error_ = 0;
    ants::Notice changed_;  // something waits, or gave up
    ants::Notice drained_;  // nothing waits any more
};

}  // namespace antsrun
