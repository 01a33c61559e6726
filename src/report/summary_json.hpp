// The JSON report, schema antsrun.report/1: described field by field in man/antsrun-report.5,
// checked against schema/antsrun.report-1.json in the tests.
#pragma once

#include <string>

#include "report/summary.hpp"

namespace antsrun {

enum class JsonLayout { one_line, indented };

// One JSON object and a newline. Strict UTF-8 whatever bytes went in, below 10 MB, and free of
// control characters, so that it may be shown on a terminal.
std::string to_json(const Summary& summary, const RunFacts& facts, JsonLayout layout);

}  // namespace antsrun
