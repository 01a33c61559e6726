// Jobs and ends of jobs for the tests of report.
#pragma once

#include <chrono>
#include <csignal>
#include <string>
#include <utility>

#include "report/digest.hpp"
#include "report/summary.hpp"

namespace antsrun::samples {

inline Outcome ended(Ending ending, double seconds = 0.5) {
    Outcome outcome;
    outcome.ending = std::move(ending);
    outcome.started =
        std::chrono::system_clock::time_point(std::chrono::milliseconds(1'000'000'250));
    outcome.seconds = seconds;
    outcome.usage = {.user_seconds = 0.25, .system_seconds = 0.125, .max_rss_bytes = 4096};
    return outcome;
}

inline Outcome success(double seconds = 0.5) { return ended(Exited{}, seconds); }
inline Outcome exit_with(int code) { return ended(Exited{.code = code}); }
inline Outcome crash() { return ended(Signaled{.signal = SIGSEGV, .core_dumped = true}); }

inline Outcome saying(Outcome outcome, std::string stderr_tail) {
    outcome.stderr_tail = std::move(stderr_tail);
    return outcome;
}

inline Job job(std::uint64_t seq, const std::string& argument = "") {
    Job job;
    job.seq = seq;
    job.arguments.push_back(argument);
    return job;
}

// Tell an observer of a job from its reading to its end.
inline void run(Observer& observer, std::uint64_t seq, const std::string& command,
                const Outcome& outcome, int slot = 1) {
    const Job read = job(seq, command);
    observer.on_read(read);
    observer.on_finished({read, command, slot, outcome});
}

inline RunFacts facts() {
    RunFacts facts;
    facts.version = "0.1.0";
    facts.argv = {"antsrun", "-j", "4"};
    facts.host = "anthill";
    facts.started = std::chrono::system_clock::time_point(std::chrono::seconds(1'000'000));
    facts.finished = facts.started + std::chrono::milliseconds(2500);
    facts.wall_seconds = 2.5;
    facts.capacity = 4;
    facts.carriers = 2;
    facts.peak_running = 3;
    facts.workers_spawned = 4;
    return facts;
}

}  // namespace antsrun::samples
