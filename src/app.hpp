// Puts the stages together and runs them: everything the core process does between the command line
// and the verdict.
#pragma once

#include "cli/options.hpp"
#include "front.hpp"

namespace antsrun {

// Run what was asked for, to its end. Main thread of the core; messages and the report are written
// before it returns.
Verdict run_app(const cli::Options& options, const StartState& start, const FrontLink& link);

}  // namespace antsrun
