#include "cli/exit_code.hpp"

#include <algorithm>

namespace antsrun::cli {

int exit_code(std::uint64_t failed) {
    return static_cast<int>(std::min<std::uint64_t>(failed, 101));
}

}  // namespace antsrun::cli
