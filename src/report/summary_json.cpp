#include "report/summary_json.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace antsrun {
namespace {

using Json = nlohmann::ordered_json;

// Bounds beside those of Summary.
constexpr std::size_t kMaxArgv = 65'536;  // bytes of all words together
constexpr std::size_t kMaxWorkers = 4096;

// Microseconds are all that is measured; the other digits would be noise.
double rounded(double seconds) { return std::round(seconds * 1e6) / 1e6; }

// RFC 3339, in UTC. Null for a time that was never set.
Json time_text(std::chrono::system_clock::time_point time) {
    if (time == std::chrono::system_clock::time_point{}) {
        return nullptr;
    }
    const auto since = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch());
    const auto whole = std::chrono::floor<std::chrono::seconds>(since);
    const std::time_t seconds = whole.count();
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900,
                       utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                       (since - whole).count());
}

// 0 means "none" in an Outcome.
Json number_or_null(int number) { return number == 0 ? Json(nullptr) : Json(number); }

void mark(Json& entry, bool escaped, bool truncated) {
    if (escaped) {
        entry["escaped"] = true;
    }
    if (truncated) {
        entry["truncated"] = true;
    }
}

// What $? would be, null if it died of a signal or of a bug of ours.
Json exit_code(const Outcome& outcome) {
    const bool exited = outcome.signal() == 0 && !std::holds_alternative<Thrown>(outcome.ending);
    return exited ? Json(outcome.status()) : Json(nullptr);
}

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

Json failure_json(const FailedJob& job, const std::string& host) {
    const Outcome& outcome = job.outcome;
    Json entry = {{"seq", job.seq},
                  {"command", job.command.utf8},
                  {"slot", job.slot},
                  {"host", host},
                  {"attempts", job.attempts},
                  {"cause", name_of(outcome.cause())},
                  {"exit_code", exit_code(outcome)},
                  {"signal", number_or_null(outcome.signal())},
                  {"message", job.message.utf8},
                  {"started", time_text(outcome.started)},
                  {"seconds", rounded(outcome.seconds)},
                  {"user_seconds", rounded(outcome.usage.user_seconds)},
                  {"system_seconds", rounded(outcome.usage.system_seconds)},
                  {"max_rss_bytes", outcome.usage.max_rss_bytes},
                  {"stderr_tail", job.stderr_tail.utf8}};
    mark(entry, job.command.escaped || job.message.escaped || job.stderr_tail.escaped,
         job.command.truncated || job.message.truncated);
    return entry;
}

Json panic_json(const FailedJob& job) {
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
    report["started"] = time_text(facts.started);
    report["finished"] = time_text(facts.finished);
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
    report["failures"] = list_json(summary.failures(),
                                   [&](const FailedJob& job) { return failure_json(job, host); });
    report["failures_omitted"] = summary.failures_omitted();
    report["panics"] = list_json(summary.panics(), panic_json);
    report["panics_omitted"] = summary.panics_omitted();
    put_workers(report, summary, facts);
    report["slowest"] = list_json(summary.slowest(), slow_json);
    return report;
}

// JSON itself demands this for C0 only; DEL and C1 (C2 80 .. C2 9F in UTF-8) drive terminals as
// well. They can stand only inside strings, so they may be replaced in the finished text.
std::string without_controls(std::string json) {
    const auto is_control = [](std::string_view text, std::size_t i) {
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        return text[i] == '\x7F' || (text[i] == '\xC2' && next >= 0x80 && next < 0xA0);
    };
    if (json.find_first_of("\x7F\xC2") == std::string::npos) {
        return json;
    }
    std::string clean;
    clean.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (!is_control(json, i)) {
            clean += json[i];
        } else if (json[i] == '\x7F') {
            clean += "\\u007f";
        } else {
            ++i;
            clean += fmt::format("\\u00{:02x}", static_cast<unsigned char>(json[i]));
        }
    }
    return clean;
}

}  // namespace

std::string to_json(const Summary& summary, const RunFacts& facts, JsonLayout layout) {
    const Json report = report_json(summary, facts);
    const int indent = layout == JsonLayout::indented ? 2 : -1;
    // No text that is not UTF-8 gets here; if one ever did, it must not cost the report.
    return without_controls(report.dump(indent, ' ', false, Json::error_handler_t::replace)) + '\n';
}

}  // namespace antsrun
