// From how a run went to what antsrun exits with. Pure functions.
#pragma once

#include <cstdint>

#include "cli/options.hpp"

namespace antsrun::cli {

// Wrong usage, or antsrun itself failed and some jobs may not have run.
inline constexpr int kTrouble = 255;

// The same, also as xargs has it.
int trouble(const Options& options);

// 0 if no job failed. How many as far as it fits: 1 to 100; 101 for more. `greatest`: the greatest
// status of a job; `xargs`: what xargs would say.
int exit_code(ExitPolicy policy, std::uint64_t failed, int greatest, int xargs);

}  // namespace antsrun::cli
