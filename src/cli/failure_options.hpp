// The options of the group Failure, as the one table of options has them. Internal to cli.
#pragma once

#include <string>

#include "cli/option_table.hpp"

namespace antsrun::cli {

// Each throws UsageError.
void set_timeout(Reading& reading, const std::string& value);
void set_grace(Reading& reading, const std::string& value);
void set_retries(Reading& reading, const std::string& value);
void set_retry_delay(Reading& reading, const std::string& value);
void set_halt(Reading& reading, const std::string& value);
void set_exit_policy(Reading& reading, const std::string& value);
void set_joblog(Reading& reading, const std::string& value);

}  // namespace antsrun::cli
