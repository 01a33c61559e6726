// From how a run went to what antsrun exits with. Pure functions.
#pragma once

#include <cstdint>

#include "cli/options.hpp"

namespace antsrun::cli {

// Wrong usage, or antsrun itself failed and some jobs may not have run.
inline constexpr int kTrouble = 255;

// The same, also as xargs has it.
int trouble(const Options& options);

// How many jobs failed, as far as it fits: 1 to 100; 101 for more. 0: all succeeded.
int exit_code(std::uint64_t failed);

}  // namespace antsrun::cli
