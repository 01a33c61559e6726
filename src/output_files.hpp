// The files written beside the output of the jobs: report, --jsonl, --joblog. Control thread only.
#pragma once

#include <memory>
#include <optional>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "report/journal.hpp"
#include "report/line_file.hpp"
#include "report/report_file.hpp"

namespace antsrun {

// Opened before the first job, so that what cannot be written is known then.
struct OutputFiles {
    ReportFile report;
    std::unique_ptr<LineFile> job_lines{};  // --jsonl; may be null
    std::optional<Journal> journal{};       // --joblog

    static Result<OutputFiles> open(const cli::Options& options);
};

}  // namespace antsrun
