#include "cli/capacity.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace antsrun::cli {
namespace {

// More can be asked for, but not started.
constexpr int kMost = 1'000'000;

std::optional<int> parse_number(std::string_view digits) {
    int number = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (digits.empty() || digits.front() == '-' || error != std::errc{} || stop != end ||
        number > kMost) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

std::optional<JobsSpec> parse_jobs(std::string_view text) {
    using Kind = JobsSpec::Kind;
    Kind kind = Kind::count;
    if (text.starts_with('+') || text.starts_with('-')) {
        kind = text.front() == '+' ? Kind::plus : Kind::minus;
        text.remove_prefix(1);
    } else if (text.ends_with('%')) {
        kind = Kind::percent;
        text.remove_suffix(1);
    }
    const auto number = parse_number(text);
    if (!number) {
        return std::nullopt;
    }
    if (kind == Kind::count && *number == 0) {
        kind = Kind::maximum;
    }
    return JobsSpec{kind, *number, {}};
}

int capacity_of(JobsSpec spec, int cpus, const std::function<int()>& most) {
    std::int64_t jobs = spec.value;
    switch (spec.kind) {
        case JobsSpec::Kind::count: break;
        case JobsSpec::Kind::percent: jobs = jobs * cpus / 100; break;
        case JobsSpec::Kind::plus: jobs = cpus + jobs; break;
        case JobsSpec::Kind::minus: jobs = cpus - jobs; break;
        case JobsSpec::Kind::maximum: jobs = most(); break;
        case JobsSpec::Kind::file: break;
    }
    return static_cast<int>(std::clamp<std::int64_t>(jobs, 1, kMost));
}

}  // namespace antsrun::cli
