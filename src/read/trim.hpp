// Removes white space round a value. Pure.
#pragma once

#include <string>
#include <string_view>

#include "read/records_config.hpp"

namespace antsrun {

inline constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

void trim(std::string& value, Trim sides);

}  // namespace antsrun
