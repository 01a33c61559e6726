#include "report/job_json.hpp"

#include <cmath>
#include <ctime>
#include <string_view>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace antsrun {
namespace {

// What $? would be, null if it died of a signal or of a bug of ours.
Json exit_code(const Outcome& outcome) {
    const bool exited = outcome.signal() == 0 && !std::holds_alternative<Thrown>(outcome.ending);
    return exited ? Json(outcome.status()) : Json(nullptr);
}

Json cause_json(const Outcome& outcome) {
    return outcome.succeeded() ? Json(nullptr) : Json(name_of(outcome.cause()));
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

Json earlier_json(const EarlierEntry& attempt) {
    const Outcome& outcome = attempt.outcome;
    return {{"slot", attempt.slot},
            {"cause", cause_json(outcome)},
            {"exit_code", exit_code(outcome)},
            {"signal", number_or_null(outcome.signal())},
            {"message", attempt.message.utf8},
            {"started", time_json(outcome.started)},
            {"seconds", rounded(outcome.seconds)}};
}

}  // namespace

double rounded(double seconds) { return std::round(seconds * 1e6) / 1e6; }

Json time_json(std::chrono::system_clock::time_point time) {
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

Json number_or_null(int number) { return number == 0 ? Json(nullptr) : Json(number); }

void mark(Json& entry, bool escaped, bool truncated) {
    if (escaped) {
        entry["escaped"] = true;
    }
    if (truncated) {
        entry["truncated"] = true;
    }
}

Json entry_json(const JobEntry& job, const std::string& host) {
    const Outcome& outcome = job.outcome;
    Json entry = {{"seq", job.seq},
                  {"command", job.command.utf8},
                  {"slot", job.slot},
                  {"host", host},
                  {"attempts", job.attempts},
                  {"cause", cause_json(outcome)},
                  {"exit_code", exit_code(outcome)},
                  {"signal", number_or_null(outcome.signal())},
                  {"message", job.message.utf8},
                  {"started", time_json(outcome.started)},
                  {"seconds", rounded(outcome.seconds)},
                  {"user_seconds", rounded(outcome.usage.user_seconds)},
                  {"system_seconds", rounded(outcome.usage.system_seconds)},
                  {"max_rss_bytes", outcome.usage.max_rss_bytes},
                  {"stderr_tail", job.stderr_tail.utf8}};
    entry["earlier"] = Json::array();
    for (const EarlierEntry& attempt : job.earlier) {
        entry["earlier"].push_back(earlier_json(attempt));
    }
    mark(entry, job.command.escaped || job.message.escaped || job.stderr_tail.escaped,
         job.command.truncated || job.message.truncated);
    return entry;
}

std::string json_text(const Json& json, int indent) {
    // No text that is not UTF-8 gets here; if one ever did, it must not cost the report.
    return without_controls(json.dump(indent, ' ', false, Json::error_handler_t::replace));
}

}  // namespace antsrun
