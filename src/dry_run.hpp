// --dry-run: print the command lines, run nothing. In the place of an app.
#pragma once

#include "front.hpp"
#include "job/seams.hpp"

namespace antsrun {

Verdict print_commands(JobSource& jobs, const Renderer& renderer);

}  // namespace antsrun
