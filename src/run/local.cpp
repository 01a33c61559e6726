#include "run/local.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "ants/wait.hpp"

namespace antsrun {
namespace {

constexpr std::array<std::string_view, 8> kOurVariables{
    "ANTSRUN_SEQ=",     "ANTSRUN_SLOT=", "ANTSRUN_PID=",      "ANTSRUN_JOBS=",
    "ANTSRUN_ATTEMPT=", "PARALLEL_SEQ=", "PARALLEL_JOBSLOT=", "PARALLEL_PID="};

bool is_ours(std::string_view variable) {
    return std::any_of(kOurVariables.begin(), kOurVariables.end(),
                       [&](std::string_view name) { return variable.starts_with(name); });
}

std::vector<std::string> split_path(const char* path) {
    std::vector<std::string> directories;
    std::string_view rest = path == nullptr ? "" : path;
    while (path != nullptr) {
        const auto colon = rest.find(':');
        std::string directory(rest.substr(0, colon));
        if (!directory.empty() && directory.back() != '/') {
            directory += '/';
        }
        directories.push_back(std::move(directory));
        if (colon == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(colon + 1);
    }
    return directories;
}

char* pointer(const std::string& text) { return const_cast<char*>(text.c_str()); }

bool is_missing(const Error& error) { return error.code == ENOENT || error.code == ENOTDIR; }

std::string explain(const Error& error, const std::string& shell) {
    if (error.code == E2BIG) {
        return "cannot run: the command is longer than the system allows "
               "(128 KiB for one argument, and a limit for all together)";
    }
    if (error.what == "execute") {
        return Error{fmt::format("cannot run the shell '{}'", shell), error.code}.message();
    }
    return fmt::format("cannot start: {}", error.message());
}

void tell_end(const Child& child, bool through_shell, Outcome& outcome) {
    outcome.ending = child.ending();
    outcome.usage = child.usage();
    outcome.stdout_bytes = child.captured(Stream::out);
    outcome.stderr_bytes = child.captured(Stream::err);
    outcome.leaked = child.leaked();
    if (auto* exited = std::get_if<Exited>(&outcome.ending)) {
        exited->said_by_shell = through_shell && (exited->code == 126 || exited->code == 127);
    }
}

}  // namespace

namespace {

std::string absolute(const std::string& directory) {
    if (directory.starts_with('/')) {
        return directory;
    }
    std::error_code error;
    return (std::filesystem::current_path(error) / directory).string();
}

}  // namespace

// The strings a plan points into.
struct LocalLauncher::Text {
    static Text make(const Command& command, JobIdentity identity, const LocalConfig& config) {
        const auto seq = static_cast<long long>(identity.seq);
        const std::array<long long, kOurVariables.size()> values{
            seq, identity.slot, config.visible_pid, config.capacity, identity.attempt,
            seq, identity.slot, config.visible_pid};
        Text text;
        for (std::size_t i = 0; i < values.size(); ++i) {
            text.variables[i] = fmt::format("{}{}", kOurVariables[i], values[i]);
        }
        if (!config.slot_variable.empty()) {
            text.slot_variable = fmt::format("{}={}", config.slot_variable, identity.slot - 1);
        }
        if (!command.directory.empty()) {
            text.directory_variable = "PWD=" + absolute(command.directory);
        }
        // The shell would take a leading dash for an option of its own.
        const bool is_optionlike = command.line.starts_with('-') || command.line.starts_with('+');
        text.shell_line = is_optionlike ? ' ' + command.line : command.line;
        return text;
    }

    std::array<std::string, kOurVariables.size()> variables;
    std::string slot_variable;
    std::string directory_variable;  // PWD
    std::string shell_line;
};

struct LocalLauncher::Start {
    Spawned spawned;
    UniqueFd out;
    UniqueFd err;
    std::unique_ptr<Feed> feed;  // null: the job has no input of its own
};

LocalLauncher::LocalLauncher(LocalConfig config, const JobClock& clock)
    : config_(std::move(config)), clock_(clock), path_(split_path(std::getenv("PATH"))) {
    for (char** variable = config_.environment; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const auto is_name = [&](const std::string& name) { return text.starts_with(name + '='); };
        const auto& given = config_.given_variables;
        if (!is_ours(text) && std::none_of(given.begin(), given.end(), is_name)) {
            environment_.push_back(*variable);
        }
    }
}

std::vector<std::string> LocalLauncher::files_for(const Command& command) const {
    if (command.words.empty()) {
        return {};
    }
    if (!command.file.empty()) {
        return {command.file};
    }
    const std::string& name = command.words.front();
    if (name.find('/') != std::string::npos) {
        return {name};
    }
    std::vector<std::string> files;
    files.reserve(path_.size());
    for (const std::string& directory : path_) {
        files.push_back(directory + name);
    }
    return files;
}

SpawnPlan LocalLauncher::make_plan(const Command& command, const Text& text) const {
    SpawnPlan plan;
    plan.files = files_for(command);
    for (const std::string& word : command.words) {
        plan.arguments.push_back(pointer(word));
    }
    plan.arguments.push_back(nullptr);
    static const std::string name = "sh";
    static const std::string option = "-c";
    if (!command.never_shell) {
        plan.shell = config_.shell;
        const std::string& shell_name = config_.shell == "/bin/sh" ? name : config_.shell;
        plan.shell_arguments = {pointer(shell_name), pointer(option), pointer(text.shell_line),
                                nullptr};
    }
    plan.directory = command.directory;
    plan.environment.reserve(environment_.size() + text.variables.size() +
                             command.variables.size() + 3);
    plan.environment = environment_;
    for (const std::string& variable : command.variables) {
        plan.environment.push_back(pointer(variable));
    }
    if (!text.directory_variable.empty()) {
        plan.environment.push_back(pointer(text.directory_variable));
    }
    for (const std::string& variable : text.variables) {
        plan.environment.push_back(pointer(variable));
    }
    if (!text.slot_variable.empty()) {
        plan.environment.push_back(pointer(text.slot_variable));
    }
    plan.environment.push_back(nullptr);
    return plan;
}

Result<LocalLauncher::Start> LocalLauncher::start(const Command& command, JobIdentity identity,
                                                  const Sink& sink, JobControl& control) const {
    const Text text = Text::make(command, identity, config_);
    SpawnPlan plan = make_plan(command, text);
    Pipe out;
    Pipe err;
    for (const auto& [stream, pipe, target] :
         {std::tuple{Stream::out, &out, &plan.out}, std::tuple{Stream::err, &err, &plan.err}}) {
        *target = sink.passed_through(stream);
        if (*target < 0) {
            auto made = make_pipe();
            if (!made) {
                return made.error();
            }
            *pipe = std::move(*made);
            *target = pipe->write_end.get();
        }
    }
    Pipe in;
    if (command.input != nullptr) {
        auto made = make_pipe();
        if (!made) {
            return made.error();
        }
        in = std::move(*made);
        plan.in = in.read_end.get();
    }
    auto spawned = spawn(plan, config_.spawn);
    if (!spawned) {
        return spawned.error();
    }
    Start start{std::move(*spawned), std::move(out.read_end), std::move(err.read_end), nullptr};
    if (command.input != nullptr) {
        start.feed = std::make_unique<Feed>(std::move(in.write_end), command.input, control.notice);
    }
    return start;
}

ants::Task<Outcome> LocalLauncher::run(const Command& command, JobIdentity identity, Sink& sink,
                                       JobControl& control) {
    Outcome outcome;
    int futile = 0;
    for (;;) {
        outcome.started = std::chrono::system_clock::now();
        const auto begin = clock_.now();
        auto started = start(command, identity, sink, control);
        if (started) {
            note_start();
            const bool through_shell = started->spawned.through_shell;
            control.set_leader(started->spawned.pid);
            JobTree tree(started->spawned.pid, config_.visible_pid, identity.seq);
            Child child(std::move(started->spawned), std::move(started->out),
                        std::move(started->err), std::move(started->feed), std::move(tree),
                        config_.ending, clock_);
            co_await child.wait(sink, control);
            note_end();
            tell_end(child, through_shell, outcome);
            outcome.seconds = std::chrono::duration<double>(clock_.now() - begin).count();
            outcome.stderr_tail = sink.stderr_tail();
            co_return outcome;
        }
        if (!is_shortage(started.error()) || !co_await wait_for_resources(control, futile)) {
            outcome.ending = not_started(started.error(), command);
            co_return outcome;
        }
    }
}

NotStarted LocalLauncher::not_started(const Error& error, const Command& command) const {
    if (error.what == "change directory") {
        return {NotStarted::Why::cannot_run,
                Error{fmt::format("cannot run in '{}'", command.directory), error.code}.message()};
    }
    if (!command.never_shell || error.what != "execute" || error.code == E2BIG) {
        return {NotStarted::Why::cannot_run, explain(error, config_.shell)};
    }
    const std::string& name = command.words.front();
    return {is_missing(error) ? NotStarted::Why::not_found : NotStarted::Why::cannot_run,
            Error{name, error.code}.message()};
}

void LocalLauncher::note_start() {
    const std::lock_guard lock(mutex_);
    ++running_;
}

void LocalLauncher::note_end() {
    const std::lock_guard lock(mutex_);
    --running_;
    if (!waiting_.empty()) {
        waiting_.back()->notice.set();
        waiting_.pop_back();
    }
}

// False: nothing runs that could end, and a few tries did not help, or the run is stopping.
ants::Task<bool> LocalLauncher::wait_for_resources(JobControl& control, int& futile) {
    constexpr int kFutileTries = 20;
    bool others = false;
    {
        const std::lock_guard lock(mutex_);
        others = running_ > 0;
        waiting_.push_back(&control);
    }
    futile = others ? 0 : futile + 1;
    // Somebody else's processes may end as well, and nobody tells us.
    co_await ants::poll({}, ants::Clock::now() + std::chrono::milliseconds(others ? 1000 : 50),
                        &control.notice);
    control.notice.take();
    {
        const std::lock_guard lock(mutex_);
        std::erase(waiting_, &control);
    }
    co_return control.stop_requests() == 0 && futile < kFutileTries;
}

}  // namespace antsrun
