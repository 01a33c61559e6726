// Where a path that is to be written leads: found by following its links one by one, with the
// caution that writing needs, and without opening what stands there. Pure look-up; any thread.
#pragma once

#include <string>

#include <sys/stat.h>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace antsrun {

struct Destination {
    enum class Kind {
        regular,     // a regular file, or a name that is free
        special,     // a device or a fifo
        descriptor,  // an entry of /proc/self/fd, by whatever name (/dev/stdout, /dev/fd/3)
    };
    Kind kind = Kind::regular;

    // After the last link: the directory (O_PATH), and the name in it.
    UniqueFd directory;
    std::string base;

    bool exists = false;
    struct stat status {};  // if it exists
    int descriptor = -1;
};

// An error if it leads nowhere (missing directory, too many links), to a directory or socket, or
// through something that somebody else may have put there: a symbolic link in a sticky directory
// such as /tmp, or a fifo there that is not ours.
Result<Destination> find_destination(const std::string& path);

// A copy of one of the caller's descriptors, to write where he has got to: opened a second time a
// file would be written from its start. An error if it is not open for writing, or one of ours.
Result<UniqueFd> copy_descriptor(int number);

}  // namespace antsrun
