// How much of the machine is ours. Looked at once, at the start.
#pragma once

#include <sys/resource.h>

#include <optional>
#include <string>

namespace antsrun {

// CPUs this process may use: its affinity, and the least CPU quota of its control group and all
// groups above it (cgroup v1 and v2), rounded up. At least 1. `root` stands for / in tests.
int available_cpus(const std::string& root = "");

// How many jobs at once the system allows: processes, descriptors, and the control groups' limit on
// processes. At least 1, at most 100,000.
int most_jobs(const std::string& root = "");

// Let this process open as many descriptors as it may. Returns the limit there was before, to be
// given back to jobs; nothing if it was not changed.
std::optional<rlimit> raise_descriptor_limit();

}  // namespace antsrun
