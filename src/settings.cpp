#include "settings.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/cgroup.hpp"
#include "base/cpus.hpp"
#include "base/pressure.hpp"
#include "base/quote.hpp"
#include "cli/capacity.hpp"

namespace antsrun {
namespace {

UniqueFd input_for_jobs(const cli::Options& options, const StartState& start) {
    const bool is_ours = options.xargs.is_on && !options.records.sources.empty();
    const int given = options.xargs.opens_terminal ? start.terminal.get() : is_ours ? 0 : -1;
    return given >= 0 ? UniqueFd(::fcntl(given, F_DUPFD_CLOEXEC, 3))
                      : UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
}

std::vector<std::string> given_variables(const cli::Options& options) {
    std::vector<std::string> names;
    for (const std::string& variable : options.variables) {
        names.push_back(variable.substr(0, variable.find('=')));
    }
    if (!options.xargs.slot_variable.empty()) {
        names.push_back(options.xargs.slot_variable);
    }
    if (options.directory) {
        names.emplace_back("PWD");
    }
    return names;
}

int priority_for(int nice) {
    constexpr int kLeast = -20;
    constexpr int kMost = 19;
    return std::clamp(::getpriority(PRIO_PROCESS, 0) + nice, kLeast, kMost);
}

}  // namespace

EmitterConfig emitter_config(const cli::Options& options, int capacity) {
    EmitterConfig config;
    config.job.whole_lines = options.mode == cli::OutputMode::line_buffered;
    config.job.pass_through = options.mode == cli::OutputMode::ungrouped;
    config.job.print_out = options.print_to_stdout;
    config.job.print_err = options.print_to_stderr;
    // One after the other they are in order anyway, and may print at once.
    const bool one_by_one = capacity == 1 && options.retry.attempts == 1;
    config.ordered = options.keep_order || one_by_one;
    return config;
}

LocalConfig local_config(const cli::Options& options, const StartState& start,
                         const FrontLink& link, int capacity, std::optional<rlimit> descriptors) {
    LocalConfig config;
    config.visible_pid = link.visible_pid;
    config.capacity = capacity;
    config.shell = options.shell;
    config.environment = environ;
    config.spawn.parent = ::getpid();
    config.spawn.input = input_for_jobs(options, start);
    config.slot_variable = options.xargs.slot_variable;
    config.given_variables = given_variables(options);
    config.ending = {options.grace, options.kill_strays};
    if (options.nice) {
        config.spawn.priority = priority_for(*options.nice);
    }
    config.spawn.ignore_sigchld = start.sigchld_ignored;
    config.spawn.highest_inherited = highest_inherited();
    config.spawn.descriptors = descriptors;
    return config;
}

GateConfig gate_config(const cli::Options& options, std::function<void(std::string_view)> say) {
    GateConfig config;
    config.delay = options.delay;
    config.most_load = options.most_load;
    if (options.is_load_percent) {
        *config.most_load *= available_cpus() / 100.0;
    }
    config.least_memory = options.least_memory;
    config.load = [] { return runnable_threads(); };
    config.memory = [] { return available_memory(); };
    config.say = std::move(say);
    return config;
}

DispatchConfig dispatch_config(const cli::Options& options) {
    const bool may_end_early = options.halt.when != HaltConfig::When::never || options.xargs.is_on;
    return {options.retry, options.time_limit, may_end_early || options.is_interactive};
}

std::optional<std::string> call_again(const cli::Options& options) {
    std::string call = "antsrun";
    const auto add = [&](std::string_view option, const std::string& value) {
        call += fmt::format(" {} {}", option, quote(value));
    };
    if (options.shell != "/bin/sh") {
        add("--shell", options.shell);
    }
    if (options.nice) {
        add("--nice", std::to_string(*options.nice));
    }
    if (options.directory) {
        add("--wd", *options.directory);
    }
    for (const std::string& variable : options.variables) {
        add("--env", variable);
    }
    const bool has_own_input = options.blocks.from != BlocksConfig::From::none;
    // Placeholders stand for what only the job knows.
    const bool is_the_same_for_all = call.find('{') == std::string::npos;
    return !has_own_input && is_the_same_for_all ? std::optional(call) : std::nullopt;
}

std::optional<int> jobs_in_file(const std::string& name) {
    const auto line = first_line(name);
    const auto spec =
        line ? cli::parse_jobs(line->substr(0, line->find_last_not_of(" \t\r") + 1)) : std::nullopt;
    if (!spec) {
        return std::nullopt;
    }
    return cli::capacity_of(*spec, available_cpus(), [] { return most_jobs(); });
}

std::optional<Error> check_running(const cli::Options& options) {
    const bool is_plain = options.directory && options.directory->find('{') == std::string::npos;
    struct stat status {};
    if (is_plain && ::stat(options.directory->c_str(), &status) != 0) {
        return last_error(fmt::format("--wd '{}'", *options.directory));
    }
    if (is_plain && !S_ISDIR(status.st_mode)) {
        return Error{fmt::format("--wd '{}'", *options.directory), ENOTDIR};
    }
    const bool is_denied = options.nice && *options.nice < 0 && ::geteuid() != 0;
    if (is_denied) {
        return Error{fmt::format("--nice {}", *options.nice), EPERM};
    }
    if (options.jobs.kind == cli::JobsSpec::Kind::file && !jobs_in_file(options.jobs.file)) {
        return Error{fmt::format("--jobs '{}': the file does not say how many", options.jobs.file),
                     0};
    }
    return std::nullopt;
}

}  // namespace antsrun
