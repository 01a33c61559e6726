#include "cli/exit_code.hpp"

#include <algorithm>

namespace antsrun::cli {

int trouble(const Options& options) { return options.xargs.is_on ? 1 : kTrouble; }

int exit_code(std::uint64_t failed) {
    return static_cast<int>(std::min<std::uint64_t>(failed, 101));
}

}  // namespace antsrun::cli
