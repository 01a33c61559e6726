#include "report/jsonl.hpp"

#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "report/job_json.hpp"

namespace antsrun {
namespace {

constexpr auto kWhole = std::numeric_limits<std::size_t>::max();

std::string line_of(const Finished& finished, const std::string& host) {
    const JobEntry job = JobEntry::make(finished, kWhole);
    Json entry = entry_json(job, host);
    Json arguments = Json::array();
    bool escaped = entry.contains("escaped");
    for (const std::string& argument : finished.job.arguments) {
        ReportText text = ReportText::make(argument, kWhole);
        escaped = escaped || text.escaped;
        arguments.push_back(std::move(text.utf8));
    }
    entry["arguments"] = std::move(arguments);
    entry["stdout_bytes"] = finished.outcome.stdout_bytes;
    entry["stderr_bytes"] = finished.outcome.stderr_bytes;
    mark(entry, escaped, false);
    return json_text(entry, -1) + '\n';
}

}  // namespace

JsonLines::JsonLines(LineFile& file, std::string host)
    : file_(file), host_(ReportText::make(host, 256).utf8) {}

void JsonLines::on_finished(const Finished& finished) { file_.add(line_of(finished, host_)); }

}  // namespace antsrun
