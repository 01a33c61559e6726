// Files that take the output of one job in place of our stdout and stderr (--results). Belongs to
// the job's worker, then to control.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/fd.hpp"
#include "job/seams.hpp"

namespace antsrun {

class OpenResultFiles {
public:
    // Makes them, and the directories they are in. Old ones are replaced by new files, so that two
    // jobs with the same names do not write into one. The number of the job is written to its file.
    static Result<OpenResultFiles> create(const ResultFiles& paths, std::uint64_t seq);

    // Write, waiting as long as a disk needs. After an error nothing more is written.
    void write(Stream stream, std::string_view bytes);

    // The first failed write.
    const std::optional<Error>& error() const { return error_; }

private:
    OpenResultFiles(ResultFiles paths, UniqueFd out, UniqueFd err)
        : paths_(std::move(paths)), out_(std::move(out)), err_(std::move(err)) {}

    ResultFiles paths_;
    UniqueFd out_;
    UniqueFd err_;
    std::optional<Error> error_;
};

}  // namespace antsrun
