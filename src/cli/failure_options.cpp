#include "cli/failure_options.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/parse.hpp"

namespace antsrun::cli {
namespace {

std::chrono::nanoseconds parse_time(std::string_view option, const std::string& value) {
    const auto time = parse_duration(value);
    if (!time) {
        refuse(option, value, "a time such as 1.5, 300ms or 1m30s");
    }
    return *time;
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
    Number number{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_all = error == std::errc{} && stop == text.data() + text.size();
    return is_all ? std::optional(number) : std::nullopt;
}

[[noreturn]] void refuse_halt(const std::string& value, const std::string& why) {
    throw UsageError(fmt::format("--halt '{}': {}", value, why),
                     "Try: --halt now,fail=1 or --halt soon,fail=10%");
}

// "now" or "soon".
HaltConfig::When parse_when(const std::string& value, std::string_view word) {
    if (word == "now") {
        return HaltConfig::When::now;
    }
    if (word == "soon") {
        return HaltConfig::When::soon;
    }
    refuse_halt(value, fmt::format("unknown time '{}' (expected never, soon or now)", word));
}

HaltConfig::Why parse_why(const std::string& value, std::string_view word) {
    constexpr std::array<std::pair<std::string_view, HaltConfig::Why>, 3> kEvents{
        {{"fail", HaltConfig::Why::fail},
         {"success", HaltConfig::Why::success},
         {"done", HaltConfig::Why::done}}};
    for (const auto& [name, why] : kEvents) {
        if (word == name) {
            return why;
        }
    }
    refuse_halt(value, fmt::format("unknown event '{}' (expected fail, success or done)", word));
}

// "3" or "30%".
void parse_amount(const std::string& value, std::string_view text, HaltConfig& halt) {
    halt.is_percent = text.ends_with('%');
    text.remove_suffix(halt.is_percent ? 1 : 0);
    const auto number = number_in<std::uint64_t>(text);
    if (!number || *number == 0 || (halt.is_percent && *number > 100)) {
        refuse_halt(value, fmt::format("'{}' is no number of jobs, at least 1, and no N%", text));
    }
    halt.value = *number;
}

// What GNU parallel had before: 0, 1, 2, -1, -2, N%.
std::optional<HaltConfig> old_form(std::string_view value) {
    using When = HaltConfig::When;
    using Why = HaltConfig::Why;
    constexpr std::array<std::pair<std::string_view, HaltConfig>, 6> kForms{
        {{"never", {}},
         {"0", {}},
         {"1", {When::soon, Why::fail, 1, false}},
         {"2", {When::now, Why::fail, 1, false}},
         {"-1", {When::soon, Why::success, 1, false}},
         {"-2", {When::now, Why::success, 1, false}}}};
    for (const auto& [text, halt] : kForms) {
        if (value == text) {
            return halt;
        }
    }
    return std::nullopt;
}

HaltConfig parse_halt(const std::string& value) {
    if (const auto old = old_form(value)) {
        return *old;
    }
    HaltConfig halt;
    const std::string_view text = value;
    const auto comma = text.find(',');
    const auto equals = text.find('=');
    if (comma == std::string::npos && text.ends_with('%')) {
        halt.when = HaltConfig::When::soon;
        parse_amount(value, text, halt);
        return halt;
    }
    halt.when = parse_when(value, text.substr(0, comma));
    if (comma == std::string::npos || equals == std::string::npos || equals < comma) {
        refuse_halt(value,
                    "expected now or soon, a comma, fail, success or done, '=' and a number");
    }
    halt.why = parse_why(value, text.substr(comma + 1, equals - comma - 1));
    parse_amount(value, text.substr(equals + 1), halt);
    return halt;
}

}  // namespace

void set_timeout(Reading& reading, const std::string& value) {
    TimeLimitConfig& limit = reading.options.time_limit;
    if (!value.ends_with('%')) {
        limit = {parse_time("--timeout", value), 0};
        return;
    }
    const auto percent = number_in<double>(std::string_view(value).substr(0, value.size() - 1));
    if (!percent || !(*percent > 0)) {
        refuse("--timeout", value, "a time such as 1m30s, or N% of the median of jobs");
    }
    limit = {std::nullopt, *percent};
}

void set_grace(Reading& reading, const std::string& value) {
    reading.options.grace = parse_time("--grace", value);
}

void set_retries(Reading& reading, const std::string& value) {
    reading.options.retry.attempts = parse_number("--retries", value);
}

void set_retry_delay(Reading& reading, const std::string& value) {
    reading.options.retry.delay = parse_time("--retry-delay", value);
}

void set_halt(Reading& reading, const std::string& value) {
    reading.options.halt = parse_halt(value);
    reading.options.halt_text = value;
}

void set_exit_policy(Reading& reading, const std::string& value) {
    constexpr std::array<std::pair<std::string_view, ExitPolicy>, 4> kPolicies{
        {{"count", ExitPolicy::count},
         {"any", ExitPolicy::any},
         {"max", ExitPolicy::max},
         {"xargs", ExitPolicy::xargs}}};
    for (const auto& [name, policy] : kPolicies) {
        if (value == name) {
            reading.options.exit_policy = policy;
            return;
        }
    }
    refuse("--exit-status", value, "count, any, max or xargs");
}

void set_joblog(Reading& reading, const std::string& value) {
    JournalOptions& journal = reading.options.journal;
    journal.appends = value.starts_with('+');
    journal.file = value.substr(journal.appends ? 1 : 0);
    if (journal.file.empty()) {
        refuse("--joblog", value, "a file");
    }
}

}  // namespace antsrun::cli
