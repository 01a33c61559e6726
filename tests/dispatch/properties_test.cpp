// Whatever jobs do and whenever they end: what holds of the order of output and of the end of a
// run. Dispatcher, halt and emitter are the real ones; jobs are played, by chance.
#include <doctest/doctest.h>

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ants/carrier.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/halt.hpp"
#include "emit/emitter.hpp"
#include "fakes.hpp"

namespace antsrun {
namespace {

using When = HaltConfig::When;
using Why = HaltConfig::Why;

// One run, as chance wants it.
struct Plan {
    explicit Plan(unsigned seed) : chance(seed) {
        jobs = pick(0, 40);
        capacity = static_cast<int>(pick(1, 8));
        ordered = pick(0, 1) == 1;
        whole_lines = pick(0, 2) == 0;
        // In order and line by line, chance decides what shows of an attempt that fails.
        const bool may_try_again = !(ordered && whole_lines) && pick(0, 2) == 0;
        attempts = may_try_again ? pick(2, 3) : 1;
        failing = pick(0, 60);
        if (pick(0, 1) == 1) {
            halt.when = pick(0, 1) == 1 ? When::now : When::soon;
            halt.why = std::vector{Why::fail, Why::success, Why::done}[pick(0, 2)];
            halt.is_percent = pick(0, 3) == 0;
            halt.value = halt.is_percent ? pick(1, 100) : pick(1, 10);
        }
    }

    std::uint64_t pick(std::uint64_t least, std::uint64_t most) {
        return std::uniform_int_distribution<std::uint64_t>(least, most)(chance);
    }

    std::mt19937 chance;
    std::uint64_t jobs = 0;
    int capacity = 1;
    bool ordered = false;
    bool whole_lines = false;
    std::uint64_t attempts = 1;
    std::uint64_t failing = 0;  // of a hundred
    HaltConfig halt;
};

// Jobs that write some lines, now and then a long one, pause in between, and succeed or fail. They
// end when they are told to.
class PlayedJobs : public Launcher {
public:
    PlayedJobs(unsigned seed, const Plan& plan) : seed_(seed), plan_(plan) {}

    ants::Task<Outcome> run(const Command& /*command*/, JobIdentity identity, Sink& sink,
                            JobControl& control) override {
        note_start(identity);
        std::mt19937 chance(seed_ ^ static_cast<unsigned>(identity.seq * 977 + identity.attempt));
        const auto lines = chance() % 6;
        for (unsigned line = 0; line < lines && control.stop_requests() == 0; ++line) {
            while (!sink.is_ready() && control.stop_requests() == 0) {
                co_await ants::poll({}, ants::kNever, &control.notice);
                control.notice.take();
            }
            const std::size_t length = chance() % 20 == 0 ? 300'000 : chance() % 50;
            write(identity, sink, std::string(length, 'x') + '\n');
            if (chance() % 4 == 0) {
                co_await ants::sleep_for(std::chrono::microseconds(chance() % 300));
            }
        }
        --running_;
        Outcome outcome;
        outcome.ending = Exited{chance() % 100 < plan_.failing ? 3 : 0};
        if (control.stop_requests() > 0) {
            outcome.ending = Killed{15, 0};
        }
        co_return outcome;
    }

    // Of the last attempt at each job, or with `all_attempts` of all.
    std::map<std::uint64_t, std::string> said(bool all_attempts) const {
        std::map<std::uint64_t, std::string> texts;
        for (const auto& [key, text] : said_) {
            texts[key.first] = all_attempts ? texts[key.first] + text : text;
        }
        return texts;
    }

    std::atomic<int> most{0};

private:
    void note_start(JobIdentity identity) {
        const int now = ++running_;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        const std::lock_guard lock(mutex_);
        said_[{identity.seq, identity.attempt}];
    }

    // In two pieces, as a pipe may give them. Each line says whose it is.
    void write(JobIdentity identity, Sink& sink, const std::string& rest) {
        const std::string line = std::to_string(identity.seq) + ' ' + rest;
        sink.write(Stream::out, std::string_view(line).substr(0, line.size() / 2));
        sink.write(Stream::out, std::string_view(line).substr(line.size() / 2));
        const std::lock_guard lock(mutex_);
        said_[{identity.seq, identity.attempt}] += line;
    }

    const unsigned seed_;
    const Plan& plan_;
    std::atomic<int> running_{0};
    std::mutex mutex_;
    std::map<std::pair<std::uint64_t, int>, std::string> said_;  // guarded by mutex_ in the run
};

// The emitter, which sees what is handed out.
class WatchedEmitter : public Emitter {
public:
    using Emitter::Emitter;
    std::shared_ptr<Sink> open(const Job& job, std::shared_ptr<JobControl> control) override {
        ++opened;
        running.insert(job.seq);
        return Emitter::open(job, std::move(control));
    }
    void close(const Job& job) override {
        running.erase(job.seq);
        Emitter::close(job);
    }
    int opened = 0;
    std::set<std::uint64_t> running;
};

// What became of each job, in the order it was told.
class Ledger : public Observer {
public:
    void on_read(const Job& job) override { read.push_back(job.seq); }
    void on_finished(const Finished& finished) override {
        ended.push_back(finished.job.seq);
        outcomes.push_back(finished.outcome);
    }
    void on_not_started(const Job& job) override { not_started.push_back(job.seq); }

    std::vector<std::uint64_t> read;
    std::vector<std::uint64_t> ended;
    std::vector<Outcome> outcomes;
    std::vector<std::uint64_t> not_started;
};

// The ledger, then the halt.
class Both : public Observer {
public:
    Both(Observer& first, Observer& second) : all_{&first, &second} {}
    void on_read(const Job& job) override {
        each([&](Observer& o) { o.on_read(job); });
    }
    void on_finished(const Finished& finished) override {
        each([&](Observer& o) { o.on_finished(finished); });
    }
    void on_not_started(const Job& job) override {
        each([&](Observer& o) { o.on_not_started(job); });
    }

private:
    void each(const auto& tell) {
        for (Observer* const observer : all_) {
            tell(*observer);
        }
    }
    const std::vector<Observer*> all_;
};

struct Run {
    explicit Run(unsigned seed)
        : plan(seed),
          file(::memfd_create("output", MFD_CLOEXEC)),
          emitter(emitter_config()),
          jobs(plan.jobs),
          launcher(seed, plan),
          halt(plan.halt, [this](When when) { end_early(when); }),
          both(ledger, halt),
          pool(plan.capacity),
          dispatcher({pool, jobs, renderer, launcher, emitter, both, gate},
                     {{.attempts = plan.attempts}, {}, plan.halt.when != When::never}) {
        control.spawn(emitter.pump());
        control.spawn(emitter.receive());
        control.run(work());
    }

    EmitterConfig emitter_config() const {
        EmitterConfig config;
        config.job.whole_lines = plan.whole_lines;
        config.ordered = plan.ordered;
        config.out = config.err = file.get();
        return config;
    }

    ants::Task<> work() {
        co_await dispatcher.run();
        co_await emitter.flush();
    }

    void end_early(When when) {
        opened_before_halt = emitter.opened;
        running_at_halt = emitter.running.size();
        ended_before_halt = ledger.ended.size();
        if (when == When::now) {
            dispatcher.stop();
        } else {
            dispatcher.stop_starting();
        }
    }

    std::string printed() const {
        struct stat status {};
        ::fstat(file.get(), &status);
        std::string text(static_cast<std::size_t>(status.st_size), '\0');
        CHECK(::pread(file.get(), text.data(), text.size(), 0) == status.st_size);
        return text;
    }

    Plan plan;
    UniqueFd file;
    WatchedEmitter emitter;
    NumberedJobs jobs;
    NumberRenderer renderer;
    PlayedJobs launcher;
    Ledger ledger;
    Halt halt;
    Both both;
    ants::Carrier control;
    ants::Pool pool;
    Gate gate{{}};
    Dispatcher dispatcher;
    int opened_before_halt = 0;
    std::size_t running_at_halt = 0;
    std::size_t ended_before_halt = 0;
};

// Job numbers in the order of their blocks of lines; empty if a line is torn or mixed with another.
std::vector<std::uint64_t> authors(std::string_view text) {
    std::vector<std::uint64_t> blocks;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        const auto blank = line.find(' ');
        if (line.size() == text.size() || blank == std::string_view::npos ||
            line.find_first_not_of('x', blank + 1) != std::string_view::npos) {
            return {};
        }
        const auto author = std::stoull(std::string(line.substr(0, blank)));
        if (blocks.empty() || blocks.back() != author) {
            blocks.push_back(author);
        }
        text.remove_prefix(line.size() + 1);
    }
    return blocks;
}

// The lines of each author, in order.
std::map<std::uint64_t, std::string> by_author(std::string_view text) {
    std::map<std::uint64_t, std::string> texts;
    while (!text.empty()) {
        const auto size = std::min(text.find('\n'), text.size() - 1) + 1;
        texts[std::stoull(std::string(text.substr(0, text.find(' '))))] += text.substr(0, size);
        text.remove_prefix(size);
    }
    return texts;
}

void check_every_job_told_once(const Run& run) {
    std::vector<std::uint64_t> all = run.ledger.ended;
    all.insert(all.end(), run.ledger.not_started.begin(), run.ledger.not_started.end());
    std::sort(all.begin(), all.end());
    CHECK(all == run.ledger.read);
    CHECK(run.launcher.most <= run.plan.capacity);
    if (run.plan.halt.when == When::never) {
        CHECK(run.ledger.ended.size() == run.plan.jobs);
    }
}

void check_output(const Run& run) {
    const std::string text = run.printed();
    auto expected = run.launcher.said(run.plan.whole_lines);
    std::erase_if(expected, [](const auto& said) { return said.second.empty(); });
    const auto blocks = authors(text);
    REQUIRE(blocks.empty() == expected.empty());
    CHECK((by_author(text) == expected));  // every byte, in the order it was written
    if (!run.plan.whole_lines || run.plan.ordered) {
        CHECK(blocks.size() == expected.size());  // each job's in one piece
    }
    if (run.plan.ordered) {
        CHECK(std::is_sorted(blocks.begin(), blocks.end()));
    }
}

void check_halt(const Run& run) {
    const HaltConfig& halt = run.plan.halt;
    std::uint64_t matching = 0;
    std::size_t reached_at = 0;  // so many jobs had ended
    for (std::size_t i = 0; i < run.ledger.outcomes.size() && reached_at == 0; ++i) {
        const bool succeeded = run.ledger.outcomes[i].succeeded();
        matching += halt.why == Why::done || (halt.why == Why::success) == succeeded ? 1 : 0;
        const bool is_reached =
            halt.is_percent ? 100 * matching >= halt.value * run.plan.jobs : matching >= halt.value;
        reached_at = is_reached ? i + 1 : 0;
    }
    CHECK(run.halt.is_reached() == (reached_at > 0));
    CHECK(run.ended_before_halt == reached_at);
    if (reached_at > 0) {
        CHECK(run.emitter.opened == run.opened_before_halt);  // nothing starts later
        // Nor in the place of the job that ended the run. (One that is to run again has no place.)
        CHECK((run.plan.attempts > 1 ||
               run.running_at_halt < static_cast<std::size_t>(run.plan.capacity)));
    }
    const auto killed =
        std::count_if(run.ledger.outcomes.begin(), run.ledger.outcomes.end(),
                      [](const Outcome& outcome) { return outcome.cause() == Cause::killed; });
    if (halt.when == When::soon) {
        CHECK(killed == 0);
    }
    CHECK(run.ledger.ended.size() - reached_at <=
          (reached_at > 0 ? static_cast<std::size_t>(run.plan.capacity) : run.ledger.ended.size()));
}

}  // namespace

TEST_CASE(
    "properties: whatever jobs do, each is told once, its output is whole, and a halt holds") {
    for (unsigned seed = 1; seed <= 400; ++seed) {
        CAPTURE(seed);
        const Run run(seed);
        check_every_job_told_once(run);
        check_output(run);
        if (run.plan.halt.when != When::never) {
            check_halt(run);
        }
    }
}

}  // namespace antsrun
