#include "dispatch/dispatcher.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ants/carrier.hpp"
#include "fakes.hpp"

namespace antsrun {
namespace {

class NullSink : public Sink {
public:
    std::string begin(const Command& /*command*/) override { return {}; }
    bool is_ready() override { return true; }
    void write(Stream /*stream*/, std::string_view /*bytes*/) override {}
    int passed_through(Stream /*stream*/) const override { return -1; }
    std::string stderr_tail() const override { return {}; }
};

class RecordingOutput : public Output {
public:
    std::shared_ptr<Sink> open(const Job& job, std::shared_ptr<JobControl> /*control*/) override {
        opened.push_back(job.seq);
        may_run_again.push_back(job.may_run_again);
        return std::make_shared<NullSink>();
    }
    void close(const Job& job) override { closed.push_back(job.seq); }
    void mark_last(const Job& job) override { last = job.seq; }
    ants::Task<> room() override { co_return; }
    int broken() const override { return 0; }

    std::vector<std::uint64_t> opened;
    std::vector<bool> may_run_again;
    std::vector<std::uint64_t> closed;
    std::uint64_t last = 0;
};

class RecordingObserver : public Observer {
public:
    void on_read(const Job& job) override { read.push_back(job.seq); }
    void on_finished(const Finished& finished) override {
        finished_jobs.push_back(finished.job.seq);
        outcomes.insert_or_assign(finished.job.seq, finished.outcome);
        attempts[finished.job.seq] = finished.job.attempt;
        earlier[finished.job.seq] = finished.earlier.size();
        if (on_end) {
            on_end(finished.job.seq);
        }
    }
    void on_not_started(const Job& job) override { not_started.push_back(job.seq); }

    std::vector<std::uint64_t> read;
    std::vector<std::uint64_t> finished_jobs;
    std::vector<std::uint64_t> not_started;
    std::map<std::uint64_t, Outcome> outcomes;
    std::map<std::uint64_t, int> attempts;
    std::map<std::uint64_t, std::size_t> earlier;
    std::function<void(std::uint64_t)> on_end;
};

// Jobs that end at once, wait for a stop, or throw, by their text.
class FakeLauncher : public Launcher {
public:
    ants::Task<Outcome> run(const Command& command, JobIdentity identity, Sink& /*sink*/,
                            JobControl& control) override {
        const int now = ++running;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        if (throws.contains(identity.seq)) {
            --running;
            throw std::runtime_error("broken launcher");
        }
        while (waits.contains(identity.seq) && control.stop_requests() == 0) {
            co_await ants::poll({}, ants::kNever, &control.notice);
            control.notice.take();
        }
        co_await ants::yield();
        --running;
        Outcome outcome;
        const auto failing = failures.find(identity.seq);
        const bool fails =
            failing != failures.end() ? identity.attempt <= failing->second : command.line == "2";
        outcome.ending = Exited{fails ? 3 : 0};
        outcome.seconds = seconds;
        const std::lock_guard lock(mutex);
        limits.push_back(control.limit());
        if (control.stop_requests() > 0) {
            outcome.ending = Killed{15, 0};
        }
        co_return outcome;
    }

    std::set<std::uint64_t> waits;
    std::set<std::uint64_t> throws;
    std::map<std::uint64_t, int> failures;  // how many attempts at a job fail
    double seconds = 0;                     // that each job takes
    std::mutex mutex;
    std::vector<std::chrono::nanoseconds> limits;  // guarded by mutex
    std::atomic<int> running{0};
    std::atomic<int> most{0};
};

struct House {
    House(std::uint64_t count, std::int32_t capacity, DispatchConfig config = {})
        : jobs(count),
          pool(capacity),
          dispatcher({pool, jobs, renderer, launcher, output, observer, gate}, config) {}

    NumberedJobs jobs;
    NumberRenderer renderer;
    FakeLauncher launcher;
    RecordingOutput output;
    RecordingObserver observer;
    ants::Carrier control;
    ants::Pool pool;
    Gate gate{{}};
    Dispatcher dispatcher;
};

std::vector<std::uint64_t> numbers(std::uint64_t count) {
    std::vector<std::uint64_t> all(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        all[i] = i + 1;
    }
    return all;
}

std::vector<std::uint64_t> sorted(std::vector<std::uint64_t> values) {
    std::sort(values.begin(), values.end());
    return values;
}

TEST_CASE("dispatcher: every job is run once, no more than the capacity at a time") {
    House house(2000, 7);
    house.control.run(house.dispatcher.run());
    CHECK(house.observer.read == numbers(2000));
    CHECK(house.output.opened == numbers(2000));
    CHECK(sorted(house.observer.finished_jobs) == numbers(2000));
    CHECK(house.output.closed == house.observer.finished_jobs);
    CHECK(house.observer.not_started.empty());
    CHECK(house.launcher.most <= 7);
    CHECK(house.observer.outcomes.at(2).status() == 3);
    CHECK(house.observer.outcomes.at(3).succeeded());
}

TEST_CASE("dispatcher: no jobs") {
    House house(0, 2);
    house.control.run(house.dispatcher.run());
    CHECK(house.observer.read.empty());
}

TEST_CASE("dispatcher: an exception is the panic of that job alone") {
    House house(5, 2);
    house.launcher.throws = {2};
    house.control.run(house.dispatcher.run());
    CHECK(sorted(house.observer.finished_jobs) == numbers(5));
    CHECK(house.observer.outcomes.at(2).panicked());
    CHECK(describe(house.observer.outcomes.at(2)) == "internal error: broken launcher");
    CHECK(house.observer.outcomes.at(5).succeeded());
}

TEST_CASE("dispatcher: the last one running is told to the output") {
    House house(3, 3);
    house.launcher.waits = {2};
    house.control.spawn([](House& h) -> ants::Task<> {
        while (h.output.last == 0 || h.launcher.running == 0) {
            co_await ants::yield();
        }
        h.dispatcher.stop();
    }(house));
    house.control.run(house.dispatcher.run());
    CHECK(house.output.last == 2);
    CHECK(house.observer.outcomes.at(2).cause() == Cause::killed);
}

TEST_CASE("dispatcher: stop") {
    House house(100, 2);
    house.launcher.waits = {1, 2, 3, 4};
    house.control.spawn([](House& h) -> ants::Task<> {
        while (h.launcher.running < 2) {
            co_await ants::yield();
        }
        h.dispatcher.stop();
    }(house));
    house.control.run(house.dispatcher.run());

    // Both running ones were ended; what was read was told, and not much was read ahead.
    CHECK(sorted(house.observer.finished_jobs) == numbers(2));
    CHECK(house.observer.outcomes.at(1).cause() == Cause::killed);
    CHECK(house.observer.not_started.size() + 2 == house.observer.read.size());
    CHECK(house.jobs.given() <= 4);
}

TEST_CASE("dispatcher: a job that fails runs again, as often as it may") {
    House house(50, 3, {{.attempts = 3}, {}});
    house.launcher.failures = {{2, 0}, {10, 1}, {20, 2}, {30, 100}, {50, 2}};
    house.control.run(house.dispatcher.run());
    CHECK(sorted(house.observer.finished_jobs) == numbers(50));
    CHECK(house.observer.attempts[2] == 1);
    CHECK(house.observer.attempts[10] == 2);
    CHECK(house.observer.earlier[10] == 1);
    CHECK(house.observer.outcomes[10].succeeded());
    CHECK(house.observer.attempts[20] == 3);
    CHECK(house.observer.attempts[50] == 3);
    CHECK(house.observer.outcomes[50].succeeded());
    CHECK(house.observer.attempts[30] == 3);
    CHECK(house.observer.outcomes[30].status() == 3);
    // Each attempt has a place for its output, which is closed once.
    CHECK(house.output.opened.size() == 50 + 1 + 2 + 2 + 2);
    CHECK(sorted(house.output.closed) == numbers(50));
    const auto lasts =
        std::count(house.output.may_run_again.begin(), house.output.may_run_again.end(), false);
    CHECK(lasts == 3);  // those of 20, 30 and 50
}

TEST_CASE("dispatcher: without end, until it succeeds; not all attempts are kept") {
    House house(2, 1, {{.attempts = 0}, {}});
    house.launcher.failures = {{1, 100}, {2, 0}};
    house.control.run(house.dispatcher.run());
    CHECK(house.observer.attempts[1] == 101);
    CHECK(house.observer.outcomes[1].succeeded());
    CHECK(house.observer.earlier[1] == kKeptAttempts);
}

TEST_CASE("dispatcher: what waits to run again holds up no other, and ends with a stop") {
    House house(10, 1, {{.attempts = 2, .delay = std::chrono::hours(1)}, {}});
    house.launcher.failures = {{2, 1}};
    house.control.spawn([](House& h) -> ants::Task<> {
        while (h.observer.finished_jobs.size() < 9) {
            co_await ants::yield();
        }
        h.dispatcher.stop_starting();
    }(house));
    house.control.run(house.dispatcher.run());
    CHECK(house.observer.finished_jobs.back() == 2);
    CHECK(house.observer.attempts[2] == 1);
    CHECK(house.observer.outcomes[2].status() == 3);
    CHECK(house.observer.not_started.empty());
}

TEST_CASE("dispatcher: nothing starts after a job that ends the run") {
    for (int i = 0; i < 200; ++i) {
        House house(10, 1, {{}, {}, true});
        house.observer.on_end = [&](std::uint64_t seq) {
            if (seq == 2) {
                house.dispatcher.stop_starting();
            }
        };
        house.control.run(house.dispatcher.run());
        CHECK(house.observer.finished_jobs == numbers(2));
    }
}

TEST_CASE("dispatcher: a pause starts nothing") {
    House house(3, 1);
    house.dispatcher.pause(true);
    house.control.spawn([](House& h) -> ants::Task<> {
        for (int i = 0; i < 1000; ++i) {
            co_await ants::yield();
        }
        CHECK(h.output.opened.empty());
        h.dispatcher.pause(false);
    }(house));
    house.control.run(house.dispatcher.run());
    CHECK(sorted(house.observer.finished_jobs) == numbers(3));
}

TEST_CASE("dispatcher: limits of time") {
    SUBCASE("a fixed one") {
        House house(3, 1, {{}, {std::chrono::seconds(5), 0}});
        house.control.run(house.dispatcher.run());
        CHECK(house.launcher.limits ==
              std::vector<std::chrono::nanoseconds>(3, std::chrono::seconds(5)));
    }
    SUBCASE("that of the median reaches those that run already") {
        House house(6, 2, {{}, {std::nullopt, 200}});
        house.launcher.failures = {{2, 0}};
        house.launcher.seconds = 1;
        house.launcher.waits = {1};
        house.control.spawn([](House& h) -> ants::Task<> {
            while (h.observer.finished_jobs.size() < 5) {
                co_await ants::yield();
            }
            h.dispatcher.stop();
        }(house));
        house.control.run(house.dispatcher.run());
        // Job 1 ended last, and had no limit when it began.
        CHECK(house.launcher.limits.back() == std::chrono::seconds(2));
    }
}

TEST_CASE("dispatcher: a record that cannot be run fails without the launcher") {
    class BadJobs : public NumberedJobs {
    public:
        BadJobs() : NumberedJobs(1) {}
        ants::Task<std::optional<Job>> next() override {
            auto job = co_await NumberedJobs::next();
            if (job) {
                job->problem = "line 1: contains a NUL byte";
            }
            co_return job;
        }
    };
    House house(0, 1);
    BadJobs jobs;
    Dispatcher dispatcher({house.pool, jobs, house.renderer, house.launcher, house.output,
                           house.observer, house.gate});
    house.control.run(dispatcher.run());
    CHECK(house.launcher.most == 0);
    CHECK(describe(house.observer.outcomes.at(1)) == "line 1: contains a NUL byte");
    CHECK(house.observer.outcomes.at(1).status() == 126);
}

}  // namespace
}  // namespace antsrun
