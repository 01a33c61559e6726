#include "report/summary_json.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/job_json.hpp"

namespace antsrun {
namespace {

// Bounds beside those of Summary.
constexpr std::size_t kMaxArgv = 65'536;  // bytes of all words together
constexpr std::size_t kMaxWorkers = 4096;

void put_argv(Json& report, const std::vector<std::string>& argv) {
    Json words = Json::array();
    std::size_t size = 0;
    bool escaped = false;
    for (const std::string& word : argv) {
        size += word.size();
        if (size > kMaxArgv) {
            break;
        }
        ReportText text = ReportText::make(word, kMaxArgv);
        escaped = escaped || text.escaped;
        words.push_back(std::move(text.utf8));
    }
    const std::size_t omitted = argv.size() - words.size();
    report["argv"] = std::move(words);
    report["argv_omitted"] = omitted;
    mark(report, escaped, false);
}

Json pool_json(const RunFacts& facts) {
    return {{"capacity", facts.capacity},
            {"carriers", facts.carriers},
            {"peak_running", facts.peak_running},
            {"workers_spawned", facts.workers_spawned},
            {"workers_purged", facts.workers_purged},
            {"tunes", facts.tunes}};
}

Json jobs_json(const JobCounts& counts) {
    return {{"read", counts.read},           {"started", counts.started},
            {"succeeded", counts.succeeded}, {"failed", counts.failed},
            {"panicked", counts.panicked},   {"timed_out", counts.timed_out},
            {"retried", counts.retried},     {"flaky", counts.flaky},
            {"skipped", counts.skipped},     {"not_started", counts.not_started},
            {"leaked", counts.leaked}};
}

Json latency_json(const Latency& latency) {
    return {{"p50", rounded(latency.quantile(0.50))},
            {"p90", rounded(latency.quantile(0.90))},
            {"p99", rounded(latency.quantile(0.99))},
            {"max", rounded(latency.max())},
            {"mean", rounded(latency.mean())}};
}

Json panic_json(const JobEntry& job) {
    const auto* crash = std::get_if<Signaled>(&job.outcome.ending);
    Json entry = {{"seq", job.seq},
                  {"command", job.command.utf8},
                  {"slot", job.slot},
                  {"kind", crash != nullptr ? "crash" : "exception"},
                  {"signal", number_or_null(job.outcome.signal())},
                  {"core_dumped", crash != nullptr && crash->core_dumped},
                  {"what", job.message.utf8}};
    mark(entry, job.command.escaped || job.message.escaped,
         job.command.truncated || job.message.truncated);
    return entry;
}

Json worker_json(std::size_t id, const WorkerFigures& worker, double idle) {
    const double lifetime = worker.busy_seconds + idle;
    return {{"id", id},
            {"jobs", worker.jobs},
            {"failed", worker.failed},
            {"panics", worker.panics},
            {"busy_seconds", rounded(worker.busy_seconds)},
            {"idle_seconds", rounded(idle)},
            {"utilization", lifetime > 0 ? rounded(worker.busy_seconds / lifetime) : 0},
            {"user_seconds", rounded(worker.user_seconds)},
            {"system_seconds", rounded(worker.system_seconds)},
            {"max_rss_bytes", worker.max_rss_bytes}};
}

void put_workers(Json& report, const Summary& summary, const RunFacts& facts) {
    std::unordered_map<std::size_t, double> told;
    for (const RunFacts::WorkerIdle& idle : facts.idle) {
        told.emplace(static_cast<std::size_t>(idle.id), idle.seconds);
    }
    Json workers = Json::array();
    std::uint64_t omitted = 0;
    const std::size_t limit = std::min(summary.limit(), kMaxWorkers);
    for (std::size_t i = 0; i < summary.workers().size(); ++i) {
        const WorkerFigures& worker = summary.workers()[i];
        if (worker.jobs == 0) {
            continue;
        }
        if (workers.size() == limit) {
            ++omitted;
            continue;
        }
        const auto idle = told.find(i + 1);
        const double rest = std::max(0.0, facts.wall_seconds - worker.busy_seconds);
        workers.push_back(worker_json(i + 1, worker, idle != told.end() ? idle->second : rest));
    }
    report["workers"] = std::move(workers);
    report["workers_omitted"] = omitted;
}

template <class Jobs, class ToJson>
Json list_json(const Jobs& jobs, ToJson to_entry) {
    Json list = Json::array();
    for (const auto& job : jobs) {
        list.push_back(to_entry(job));
    }
    return list;
}

Json slow_json(const SlowJob& job) {
    const ReportText command = ReportText::make(job.command, Summary::kMaxCommand);
    Json entry = {{"seq", job.seq}, {"command", command.utf8}, {"seconds", rounded(job.seconds)}};
    mark(entry, command.escaped, job.truncated);
    return entry;
}

Json report_json(const Summary& summary, const RunFacts& facts) {
    Json report;
    report["schema"] = "antsrun.report/1";
    report["version"] = facts.version;
    put_argv(report, facts.argv);
    const std::string host = ReportText::make(facts.host, 256).utf8;
    report["host"] = host;
    report["started"] = time_json(facts.started);
    report["finished"] = time_json(facts.finished);
    report["wall_seconds"] = rounded(facts.wall_seconds);
    report["exit_status"] = facts.exit_status;
    report["halted"] =
        facts.halted ? Json(ReportText::make(*facts.halted, 1024).utf8) : Json(nullptr);
    report["pool"] = pool_json(facts);
    report["jobs"] = jobs_json(summary.counts());
    report["latency"] = latency_json(summary.latency());
    const auto ended = static_cast<double>(summary.counts().started);
    report["throughput_per_second"] =
        facts.wall_seconds > 0 ? std::round(ended / facts.wall_seconds * 1e3) / 1e3 : 0;
    report["failures"] =
        list_json(summary.failures(), [&](const JobEntry& job) { return entry_json(job, host); });
    report["failures_omitted"] = summary.failures_omitted();
    report["flaky"] =
        list_json(summary.flaky(), [&](const JobEntry& job) { return entry_json(job, host); });
    report["flaky_omitted"] = summary.flaky_omitted();
    report["panics"] = list_json(summary.panics(), panic_json);
    report["panics_omitted"] = summary.panics_omitted();
    put_workers(report, summary, facts);
    report["slowest"] = list_json(summary.slowest(), slow_json);
    return report;
}

}  // namespace

std::string to_json(const Summary& summary, const RunFacts& facts, JsonLayout layout) {
    const Json report = report_json(summary, facts);
    const int indent = layout == JsonLayout::indented ? 2 : -1;
    return json_text(report, indent) + '\n';
}

}  // namespace antsrun
