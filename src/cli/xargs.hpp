// The command line as xargs reads it: its options with its meanings, and besides those of ours that
// it has no use for.
#pragma once

#include <string>
#include <vector>

#include "cli/options.hpp"

namespace antsrun::cli {

// `words`: argv, without --xargs-mode. Throws UsageError.
Options parse_xargs(const std::vector<std::string>& words);

}  // namespace antsrun::cli
