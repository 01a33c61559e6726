// From -j to a number of jobs. Pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "cli/options.hpp"

namespace antsrun::cli {

// "8", "200%", "+2", "-1", "0". Nothing if it is none of these or too large.
std::optional<JobsSpec> parse_jobs(std::string_view text);

// How many jobs at once, at least 1. `cpus`: those available; `most`: what the system allows, asked
// only for JobsSpec::Kind::maximum.
int capacity_of(JobsSpec spec, int cpus, const std::function<int()>& most);

}  // namespace antsrun::cli
