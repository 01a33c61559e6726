#include "output_files.hpp"

#include <utility>

namespace antsrun {
namespace {

Journal::Mode journal_mode(const cli::JournalOptions& options) {
    const bool goes_on = options.appends || options.resume != cli::JournalOptions::Resume::no;
    return goes_on ? Journal::Mode::append : Journal::Mode::replace;
}

}  // namespace

Result<OutputFiles> OutputFiles::open(const cli::Options& options) {
    auto report = ReportFile::prepare(options.report);
    if (!report) {
        return report.error();
    }
    OutputFiles files{std::move(*report)};
    if (!options.jsonl.empty()) {
        auto lines = LineFile::create(options.jsonl);
        if (!lines) {
            return lines.error();
        }
        files.job_lines = std::move(*lines);
    }
    if (!options.journal.file.empty()) {
        auto journal = Journal::open(options.journal.file, journal_mode(options.journal));
        if (!journal) {
            return journal.error();
        }
        files.journal = std::move(*journal);
    }
    return files;
}

}  // namespace antsrun
