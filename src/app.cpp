#include "app.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ants/ants.hpp"
#include "ask.hpp"
#include "base/cpus.hpp"
#include "base/quote.hpp"
#include "cli/capacity.hpp"
#include "cli/exit_code.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/gate.hpp"
#include "dispatch/halt.hpp"
#include "dispatch/xargs_verdict.hpp"
#include "dry_run.hpp"
#include "emit/emitter.hpp"
#include "observers.hpp"
#include "output_files.hpp"
#include "report/digest.hpp"
#include "report/journal_keeper.hpp"
#include "report/jsonl.hpp"
#include "report/progress.hpp"
#include "report/summary.hpp"
#include "report/summary_json.hpp"
#include "resume.hpp"
#include "run/local.hpp"
#include "run/process_tree.hpp"
#include "run/strays.hpp"
#include "settings.hpp"
#include "work.hpp"

namespace antsrun {
namespace {

// After a signal, how long the readers of our output may let us wait without taking anything: after
// the first one, and after a second.
constexpr auto kReaderPatience = std::chrono::milliseconds(3000);
constexpr auto kShortPatience = std::chrono::milliseconds(500);

// How long a job may be stopped before that is said.
constexpr auto kStoppedPatience = std::chrono::seconds(3);

// How often --progress speaks: to a terminal, and to others.
constexpr auto kRedraw = std::chrono::milliseconds(100);
constexpr auto kPlainProgress = std::chrono::seconds(30);

bool is_dumb_terminal() {
    const char* terminal = std::getenv("TERM");
    return terminal == nullptr || std::string_view(terminal) == "dumb";
}

bool wants_color(cli::ColorMode mode, bool is_terminal) {
    const auto is_set = [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && *value != '\0';
    };
    if (mode != cli::ColorMode::automatic) {
        return mode == cli::ColorMode::always;
    }
    if (is_set("NO_COLOR")) {
        return false;
    }
    const char* force = std::getenv("CLICOLOR_FORCE");
    if (force != nullptr && *force != '\0' && std::string_view(force) != "0") {
        return true;
    }
    return is_terminal && !is_dumb_terminal();
}

std::string host_name() {
    char name[256] = "";
    ::gethostname(name, sizeof name - 1);
    return name;
}

// One run on the control thread: the stages, and what ends them early.
class App {
public:
    App(const cli::Options& options, const StartState& start, const FrontLink& link,
        OutputFiles files, const Work& work, int capacity, std::optional<rlimit> descriptors)
        : options_(options),
          start_(start),
          link_(link),
          files_(std::move(files)),
          jobs_(*work.jobs),
          capacity_(capacity),
          again_(call_again(options).value_or("")),
          emitter_(with_callback(emitter_config(options, capacity))),
          launcher_(local_config(options, start, link, capacity, descriptors), clock_),
          summary_(options.report_limit),
          progress_(capacity),
          pool_(capacity),
          gate_(gate_config(options, [this](std::string_view text) { say(text); })),
          dispatcher_({pool_, jobs_, work.final_renderer(), launcher_, emitter_, observers_, gate_},
                      dispatch_config(options)) {
        if (files_.journal) {
            observers_.add(journal_.emplace(*files_.journal,
                                            [this](const Error& error) { journal_broke(error); }));
        }
        observers_.add(xargs_);
        observers_.add(halt_);
        observers_.add(summary_);
        observers_.add(digest_);
        observers_.add(progress_);
        if (files_.job_lines != nullptr) {
            observers_.add(json_lines_.emplace(*files_.job_lines, host_name()));
        }
    }

    Verdict run() {
        control_.spawn(emitter_.pump());
        control_.spawn(emitter_.receive());
        if (files_.job_lines != nullptr) {
            control_.spawn(files_.job_lines->pump());
        }
        if (options_.progress) {
            control_.spawn(can_redraw() ? draw_progress() : print_progress());
        }
        if (options_.jobs.kind == cli::JobsSpec::Kind::file) {
            control_.spawn(follow_file());
        }
        control_.spawn(strays_.reap());
        control_.spawn(listen());
        control_.run(work());
        return verdict_;
    }

    // A job is left out, because an earlier run has done it.
    void skip(const Job& job) { observers_.on_skipped(job); }

    // Tell the user something, in turn with what jobs print.
    void say(std::string_view text) { emitter_.say(Stream::err, text); }

private:
    EmitterConfig with_callback(EmitterConfig config) {
        config.on_broken = [this](int error) { output_broke(error); };
        return config;
    }

    ants::Task<> work() {
        co_await dispatcher_.run();
        is_over_ = true;
        emitter_.show_status("");
        if (signal_ != 0 || emitter_.broken() == EPIPE) {
            co_await strays_.end_all(options_.grace);
        }
        if (const std::string error = jobs_.error(); !error.empty()) {
            complain(error);
        }
        if (const int error = emitter_.broken(); error != 0 && error != EPIPE) {
            complain(fmt::format("cannot write to standard output: {}", ::strerror(error)));
        }
        co_await finish_job_lines();
        if (emitter_.results_error()) {
            complain(emitter_.results_error()->message());
        }
        const bool is_silent = options_.xargs.is_on || emitter_.broken() == EPIPE;
        if (!is_silent) {
            emitter_.say(Stream::err, digest_.text(digest_style()));
        }
        verdict_ = judge();
        write_report();
        co_await emitter_.flush();
        verdict_ = judge();  // the last bytes may not have arrived
    }

    ants::Task<> finish_job_lines() {
        if (files_.job_lines == nullptr) {
            co_return;
        }
        co_await files_.job_lines->flush();
        if (const int error = files_.job_lines->error(); error != 0) {
            complain(Error{fmt::format("write '{}'", options_.jsonl), error}.message());
        }
    }

    // What jobs write themselves would mix with a line that is drawn again and again.
    bool can_redraw() const {
        return emitter_.is_terminal(Stream::err) && !is_dumb_terminal() &&
               options_.mode != cli::OutputMode::ungrouped;
    }

    ants::Task<> draw_progress() {
        while (!is_over_) {
            emitter_.show_status(progress_line(progress_.figures(seconds()), emitter_.columns()));
            co_await ants::sleep_for(kRedraw);
        }
    }

    ants::Task<> print_progress() {
        for (;;) {
            co_await ants::sleep_for(kPlainProgress);
            if (is_over_) {
                co_return;
            }
            emitter_.say(Stream::err, progress_text(progress_.figures(seconds())) + '\n');
        }
    }

    // Since the beginning.
    double seconds() const {
        return std::chrono::duration<double>(ants::Clock::now() - begin_).count();
    }

    // Nobody else would notice: it neither goes on nor ends.
    ants::Task<> tell_stopped(pid_t leader) {
        co_await ants::sleep_for(kStoppedPatience);
        const std::uint64_t seq = dispatcher_.job_led_by(leader);
        if (seq != 0 && !clock_.is_stopped() && is_stopped(leader)) {
            say(fmt::format("antsrun: job {} is stopped; to let it go on: kill -CONT -{}\n", seq,
                            leader));
        }
    }

    // What the front says: a byte for each signal; silence for ever if it is gone.
    ants::Task<> listen() {
        ::pollfd waiting{link_.socket.get(), POLLIN, 0};
        for (;;) {
            co_await ants::poll({&waiting, 1});
            char signal = 0;
            const ssize_t n = ::recv(link_.socket.get(), &signal, 1, MSG_DONTWAIT);
            if (n == 1) {
                take_signal(signal);
            } else if (n == 0) {
                kill_all_below();
                ::_exit(255);
            }
        }
    }

    void take_signal(int signal) {
        if (signal == SIGUSR1 || signal == SIGUSR2) {
            tune(pool_.capacity() + (signal == SIGUSR1 ? 1 : -1));
            return;
        }
        if (signal == SIGTSTP) {
            clock_.stop();
            dispatcher_.pause(true);
            strays_.stop_all();
            link_.say_stopped();
            return;
        }
        if (signal == SIGCONT) {
            go_on();
            return;
        }
        go_on();  // what is stopped could not end
        const bool is_first = signal_ == 0;
        if (is_first) {
            signal_ = signal;
            halted_ = fmt::format("SIG{}", ::sigabbrev_np(signal));
        } else {
            strays_.hurry();
        }
        dispatcher_.stop();
        control_.spawn(watch_readers(is_first ? kReaderPatience : kShortPatience));
    }

    void go_on() {
        if (clock_.is_stopped()) {
            clock_.go_on();
            dispatcher_.pause(false);
            strays_.continue_all();
        }
    }

    void halt(HaltConfig::When when) {
        halted_ = "--halt " + options_.halt_text;
        const bool is_now = when == HaltConfig::When::now;
        say(fmt::format("antsrun: {}: {}\n", *halted_,
                        is_now ? "ending all jobs" : "starting no more jobs"));
        if (is_now) {
            dispatcher_.stop();
        } else {
            dispatcher_.stop_starting();
        }
    }

    void tune(int jobs) {
        jobs = std::max(jobs, 1);
        if (jobs > 1 && !options_.keep_order) {
            emitter_.stop_ordering();
        }
        pool_.tune(jobs);
        dispatcher_.note_tune();
        progress_.set_slots(jobs);
    }

    // -j FILE: looked at once a second, which needs no descriptor and works on any file system.
    ants::Task<> follow_file() {
        struct stat before {};
        ::stat(options_.jobs.file.c_str(), &before);
        for (;;) {
            co_await ants::sleep_for(std::chrono::seconds(1));
            struct stat now {};
            const bool has_changed = ::stat(options_.jobs.file.c_str(), &now) == 0 &&
                                     (now.st_mtim.tv_sec != before.st_mtim.tv_sec ||
                                      now.st_mtim.tv_nsec != before.st_mtim.tv_nsec ||
                                      now.st_size != before.st_size || now.st_ino != before.st_ino);
            if (has_changed) {
                before = now;
                if (const auto jobs = jobs_in_file(options_.jobs.file)) {
                    tune(*jobs);
                }
            }
        }
    }

    // Our own end must not wait for somebody who does not read.
    ants::Task<> watch_readers(std::chrono::milliseconds patience) {
        std::uint64_t before = 0;
        bool had_backlog = false;
        do {
            before = written();
            had_backlog = has_backlog();
            co_await ants::sleep_for(patience);
        } while (!had_backlog || !has_backlog() || written() != before);
        emitter_.abandon();
        if (files_.job_lines != nullptr) {
            files_.job_lines->give_up();
        }
    }

    std::uint64_t written() const {
        return emitter_.written() + (files_.job_lines != nullptr ? files_.job_lines->written() : 0);
    }
    bool has_backlog() const {
        return emitter_.has_backlog() ||
               (files_.job_lines != nullptr && files_.job_lines->has_backlog());
    }

    // What is not recorded would run again: better not at all now.
    void journal_broke(const Error& error) {
        complain(error.message());
        halted_ = "joblog failed";
        dispatcher_.stop_starting();
    }

    void output_broke(int error) {
        if (error == EPIPE) {
            halted_ = "stdout closed";
            dispatcher_.stop();
        } else {
            halted_ = "stdout failed";
            dispatcher_.stop_starting();
        }
    }

    // Something went wrong that is not a job's failure.
    void complain(std::string_view what) {
        trouble_ = true;
        emitter_.say(Stream::err, fmt::format("antsrun: {}\n", what));
    }

    Verdict judge() const {
        if (signal_ != 0) {
            return {128 + signal_, signal_};
        }
        if (emitter_.broken() == EPIPE && !start_.sigpipe_ignored) {
            return {128 + SIGPIPE, SIGPIPE};
        }
        if (trouble_ || emitter_.broken() != 0 || emitter_.stderr_error() != 0) {
            return {cli::trouble(options_), 0};
        }
        if (const auto status = halt_.exit_status()) {
            return {*status, 0};
        }
        const bool as_xargs = options_.xargs.is_on;
        return {as_xargs ? xargs_.exit_status()
                         : cli::exit_code(options_.exit_policy, summary_.counts().failed,
                                          summary_.greatest_status(), xargs_.exit_status()),
                0};
    }

    DigestStyle digest_style() const {
        DigestStyle style;
        style.color = wants_color(options_.color, emitter_.is_terminal(Stream::err));
        style.just_shown = emitter_.last_printed();
        style.antsrun = again_;
        style.journal = options_.journal.file;
        return style;
    }

    RunFacts facts() const {
        RunFacts facts;
        const ants::Statistics pool = pool_.statistics();
        facts.version = ANTSRUN_VERSION;
        facts.argv = options_.argv;
        facts.host = host_name();
        facts.started = started_;
        facts.finished = std::chrono::system_clock::now();
        facts.wall_seconds = seconds();
        facts.exit_status = verdict_.exit_status;
        facts.halted = halted_;
        facts.capacity = capacity_;
        facts.carriers = pool_.carriers();
        facts.peak_running = pool.peak_running;
        facts.workers_spawned = pool.spawned;
        facts.workers_purged = pool.purged;
        facts.tunes = pool.tunes;
        for (const ants::WorkerStatistics& worker : pool_.workers()) {
            facts.idle.push_back({worker.id, std::chrono::duration<double>(worker.idle).count()});
        }
        return facts;
    }

    void write_report() {
        using Target = ReportFile::Target;
        const Target target = files_.report.target();
        if (target == Target::nowhere) {
            return;
        }
        const bool indent = target == Target::file ||
                            (target == Target::standard_error && emitter_.is_terminal(Stream::err));
        const auto text =
            to_json(summary_, facts(), indent ? JsonLayout::indented : JsonLayout::one_line);
        if (target != Target::file) {
            emitter_.say(target == Target::standard_error ? Stream::err : Stream::out, text);
        } else if (const auto error = files_.report.write(text)) {
            complain(error->message());
            emitter_.say(Stream::err, text);  // better there than lost
        }
    }

    const cli::Options& options_;
    const StartState& start_;
    const FrontLink& link_;
    OutputFiles files_;
    JobSource& jobs_;
    const int capacity_;
    const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
    const ants::Deadline begin_ = ants::Clock::now();

    const std::string again_;  // how to call antsrun like this once more; empty: one cannot
    std::optional<std::string> halted_;
    int signal_ = 0;        // that ends this run
    bool is_over_ = false;  // no job runs any more
    bool trouble_ = false;  // of our own: exit status 255
    Verdict verdict_;

    // Stages; those further down use those above. The pool's carriers end before the control loop,
    // to which they post, and its tasks before the stages in which they are parked.
    JobClock clock_;
    Strays strays_{[this](pid_t leader) { control_.spawn(tell_stopped(leader)); }};
    Emitter emitter_;
    LocalLauncher launcher_;
    Summary summary_;
    Digest digest_;
    Progress progress_;
    XargsVerdict xargs_{[this](const std::string& why) {
        if (options_.xargs.is_on) {
            emitter_.say(Stream::err, fmt::format("antsrun: {}\n", why));
            dispatcher_.stop_starting();
        }
    }};
    Halt halt_{options_.halt, [this](HaltConfig::When when) { halt(when); }};
    std::optional<JournalKeeper> journal_;
    std::optional<JsonLines> json_lines_;
    Observers observers_;
    ants::Carrier control_;
    ants::Pool pool_;
    Gate gate_;
    Dispatcher dispatcher_;
};

// What the journal says has been done. `say` and `skip` outlive the work.
void leave_out(const cli::Options& options, JournalRecords recorded, const Say& say,
               const std::function<void(const Job&)>& skip, Work& work) {
    using Resume = cli::JournalOptions::Resume;
    const Resume resume = options.journal.resume;
    if (resume == Resume::only) {
        work.jobs = std::make_unique<FailedJobs>(std::move(recorded));
    } else if (resume != Resume::no) {
        work.jobs = std::make_unique<RemainingJobs>(
            std::move(work.jobs), std::move(recorded), *work.commands,
            RemainingJobs::Config{.failed_run_again = resume == Resume::failed,
                                  .say = [&say](std::string_view text) { say(text); },
                                  .on_skipped = [&skip](const Job& job) { skip(job); }});
    }
}

Verdict refuse(const cli::Options& options, const Error& error) {
    write_all(2, fmt::format("antsrun: {}\n{}\n", error.message(), "Nothing was run."));
    return {cli::trouble(options), 0};
}

}  // namespace

Verdict run_app(const cli::Options& options, const StartState& start, const FrontLink& link) {
    if (options.shell != kNoShell && ::access(options.shell.c_str(), X_OK) != 0) {
        return refuse(options, last_error(fmt::format("cannot run the shell '{}'", options.shell)));
    }
    if (!UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)))) {
        return refuse(options, last_error("cannot watch processes (pidfd_open; Linux 5.10 or newer "
                                          "is needed)"));
    }
    for (const std::string& warning : options.warnings) {
        write_all(2, fmt::format("antsrun: warning: {}\n", warning));
    }
    const auto descriptors = raise_descriptor_limit();
    if (const auto error = check_running(options)) {
        return refuse(options, *error);
    }
    const int capacity =
        options.jobs.kind == cli::JobsSpec::Kind::file
            ? *jobs_in_file(options.jobs.file)
            : cli::capacity_of(options.jobs, available_cpus(), [] { return most_jobs(); });
    Say say = [](std::string_view text) { write_all(2, text); };
    auto work = plan_work(options, capacity, say);
    if (!work) {
        return refuse(options, work.error());
    }
    if (options.records.sources.empty() && ::isatty(0) == 1 && ::isatty(2) == 1) {
        write_all(2, fmt::format("antsrun: reading {} from the terminal; Ctrl-D ends them\n",
                                 are_command_lines(options) ? "command lines" : "arguments"));
    }
    std::function<void(const Job&)> skip = [](const Job&) {};
    if (options.dry_run) {
        auto recorded = read_journal(options.journal.file);
        if (!recorded) {
            return refuse(options, recorded.error());
        }
        leave_out(options, std::move(*recorded), say, skip, *work);
        return print_commands(*work->jobs, *work->commands);
    }
    auto files = OutputFiles::open(options);
    if (!files) {
        return refuse(options, files.error());
    }
    if (files->journal) {
        leave_out(options, files->journal->take_recorded(), say, skip, *work);
    }
    if (options.is_interactive) {
        work->jobs =
            std::make_unique<Asking>(std::move(work->jobs), *work->commands, start.terminal.get());
    }
    App app(options, start, link, std::move(*files), *work, capacity, descriptors);
    say = [&app](std::string_view text) { app.say(text); };
    skip = [&app](const Job& job) { app.skip(job); };
    return app.run();
}

}  // namespace antsrun
