// How busy the machine is just now. Looks at /proc and the control group; any thread. `root` stands
// for / in tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace antsrun {

// Threads that run or want to, ourselves not counted. Nothing if the system does not say.
std::optional<double> runnable_threads(const std::string& root = "");

// Bytes that can be had without swapping: of the machine, and of the control group and all above it
// (v1 and v2), whichever is least.
std::optional<std::uint64_t> available_memory(const std::string& root = "");

}  // namespace antsrun
