// Regular expressions of users (ECMAScript): compiled so that matching needs little stack, however
// long the text is. Pure; any thread.
#pragma once

#include <regex>
#include <string>

#include "base/error.hpp"

namespace antsrun {

// The error says what is wrong with it.
Result<std::regex> compile_pattern(const std::string& text, bool ignore_case = false);

}  // namespace antsrun
