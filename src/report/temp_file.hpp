// A file that does not exist for others until it is complete: written under no name where the file
// system can do that (O_TMPFILE), else under a random one, then given its final name in one step.
// An older file of that name is replaced. Belongs to one thread.
#pragma once

#include <string>

#include <sys/types.h>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace antsrun {

class TempFile {
public:
    // `named`: do without O_TMPFILE (for tests).
    enum class Kind { unnamed_if_possible, named };

    // Make one in `directory`, which stays the caller's and outlives it. `mode` is subject to the
    // umask.
    static Result<TempFile> create(int directory, mode_t mode,
                                   Kind kind = Kind::unnamed_if_possible);

    TempFile(TempFile&& other) noexcept;
    TempFile& operator=(TempFile&&) = delete;
    // What has not been published is gone.
    ~TempFile();

    int fd() const { return file_.get(); }

    // Give it this name in its directory. False with errno set on failure.
    bool publish(const std::string& name) noexcept;

private:
    TempFile(int directory, UniqueFd file, std::string name);

    int directory_;
    UniqueFd file_;
    std::string name_;  // the random name it has at the moment, if any
};

}  // namespace antsrun
