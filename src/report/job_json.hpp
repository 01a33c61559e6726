// JSON for what the report and --jsonl have in common: an ended job, dates, texts. Pure functions.
#pragma once

#include <chrono>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "report/job_entry.hpp"

namespace antsrun {

using Json = nlohmann::ordered_json;

// The fields of failures[]. `cause` is null if the job succeeded.
Json entry_json(const JobEntry& job, const std::string& host);

// Microseconds are all that is measured; the other digits would be noise.
double rounded(double seconds);

// RFC 3339, in UTC. Null for a time that was never set.
Json time_json(std::chrono::system_clock::time_point time);

// 0 means "none" in an Outcome.
Json number_or_null(int number);

// Says in an entry that texts in it are not what they were.
void mark(Json& entry, bool escaped, bool truncated);

// Strict UTF-8 without control characters but newlines. `indent`: -1 is all on one line.
std::string json_text(const Json& json, int indent);

}  // namespace antsrun
