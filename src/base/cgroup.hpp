// The control groups this process is in, v1 and v2. Any thread. `root` stands for / in tests.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace antsrun {

// Calls `look` with the directory of the group of a controller ("cpu", "memory", "pids"), and of
// each group above it; some may not exist.
void for_each_group_of(const std::string& root, const std::string& controller,
                       const std::function<void(const std::string& directory)>& look);

std::optional<std::string> first_line(const std::string& path);

// Nothing if it does not begin with one ("max").
std::optional<double> number(const std::string& text);

}  // namespace antsrun
