#include "cli/exit_code.hpp"

#include <algorithm>

namespace antsrun::cli {

int trouble(const Options& options) { return options.xargs.is_on ? 1 : kTrouble; }

int exit_code(ExitPolicy policy, std::uint64_t failed, int greatest, int xargs) {
    if (failed == 0) {
        return 0;
    }
    switch (policy) {
        case ExitPolicy::count: break;
        case ExitPolicy::any: return 1;
        case ExitPolicy::max: return std::max(greatest, 1);
        case ExitPolicy::xargs: return xargs;
    }
    return static_cast<int>(std::min<std::uint64_t>(failed, 101));
}

}  // namespace antsrun::cli
