// Scripts that teach shells to complete antsrun's options, made from the table of options.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace antsrun::cli {

// For "bash", "zsh" or "fish"; nothing for another one.
std::optional<std::string> completion(std::string_view shell);

}  // namespace antsrun::cli
