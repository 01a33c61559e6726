#include "dispatch/dispatcher.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "ants/carrier.hpp"

namespace antsrun {

ants::Task<> Dispatcher::run() {
    // They may wait for input when we are done with them: then they go with the control loop.
    ants::Carrier::current()->spawn(read());
    ants::Carrier::current()->spawn(feed());
    while (!is_over()) {
        co_await ants::poll({}, ants::kNever, &news_);
        news_.take();
        std::vector<RunPointer> ended;
        {
            const std::lock_guard lock(mutex_);
            ended.swap(ended_);
        }
        for (const RunPointer& run : ended) {
            handle(run);
        }
        tell_last();
    }
}

bool Dispatcher::is_over() const {
    return (is_fed_ || (stopping_ && !has_in_hand_)) && running_.empty();
}

// Reads a job each time one is wanted: the wait for input holds up nothing else.
ants::Task<> Dispatcher::read() {
    while (!input_ended_) {
        co_await ants::poll({}, ants::kNever, &wanted_);
        wanted_.take();
        auto job = co_await stages_.jobs.next();
        is_reading_ = false;
        input_ended_ = !job;
        if (!job) {
            stages_.observer.on_input_end();
        } else {
            stages_.observer.on_read(*job);
            read_ahead_ = std::move(job);
        }
        if (stopping_) {
            drop_read_ahead();
        }
        ready_.set();
    }
}

void Dispatcher::drop_read_ahead() {
    if (read_ahead_) {
        stages_.observer.on_not_started(*read_ahead_);
        read_ahead_.reset();
    }
}

ants::Task<> Dispatcher::feed() {
    while (!stopping_) {
        co_await stages_.output.room();
        co_await wait_for_place();
        auto run = co_await next_run();
        if (run == nullptr) {
            break;
        }
        has_in_hand_ = true;
        co_await stages_.gate.opens(running_.size());
        co_await wait_for_place();
        has_in_hand_ = false;
        if (stopping_) {
            conclude(run);
            break;
        }
        prepare(run);
        co_await submit(std::move(run));
        stages_.gate.note_start();
    }
    is_fed_ = true;
    news_.set();
}

// Nothing if there is none any more.
ants::Task<Dispatcher::RunPointer> Dispatcher::next_run() {
    for (;;) {
        if (stopping_) {
            co_return nullptr;
        }
        if (auto run = due_again()) {
            co_return run;
        }
        if (read_ahead_) {
            auto run = std::make_shared<JobRun>();
            run->job = std::move(*read_ahead_);
            read_ahead_.reset();
            co_return run;
        }
        if (input_ended_ && !may_come_again()) {
            co_return nullptr;
        }
        if (!input_ended_ && !is_reading_) {
            is_reading_ = true;
            wanted_.set();
        }
        co_await ants::poll({}, next_due(), &ready_);
        ready_.take();
    }
}

// The one that has waited longest, if its time has come.
Dispatcher::RunPointer Dispatcher::due_again() {
    const auto now = ants::Clock::now();
    const auto run = std::min_element(again_.begin(), again_.end(), is_due_before);
    if (run == again_.end() || (*run)->due > now) {
        return nullptr;
    }
    auto taken = std::move(*run);
    again_.erase(run);
    return taken;
}

ants::Deadline Dispatcher::next_due() const {
    const auto run = std::min_element(again_.begin(), again_.end(), is_due_before);
    return run == again_.end() ? ants::kNever : (*run)->due;
}

bool Dispatcher::may_come_again() const {
    return !again_.empty() || (retry_.attempts != 1 && !running_.empty());
}

// Where it matters what is true when a job starts, it waits here for its place, not in the pool:
// for what the gate looks at, and for the end of the job before.
ants::Task<> Dispatcher::wait_for_place() {
    const bool is_careful = looks_first_ || !stages_.gate.is_always_open();
    const auto is_full = [&] {
        return is_careful && running_.size() >= static_cast<std::size_t>(stages_.pool.capacity());
    };
    while (!stopping_ && (is_paused_ || is_full())) {
        co_await ants::poll({}, ants::kNever, &place_);
        place_.take();
    }
}

void Dispatcher::prepare(const RunPointer& run) {
    Job& job = run->job;
    if (run->started) {
        begin_attempt(*run);
    }
    job.may_run_again = may_run_again(retry_, job.attempt);
    if (const auto limit = time_limit_.limit()) {
        run->control->set_limit(*limit);
    }
    run->sink = stages_.output.open(job, run->control);
    running_.emplace(job.seq, run);
}

// One more.
void Dispatcher::begin_attempt(JobRun& run) {
    if (run.earlier.size() == kKeptAttempts) {
        run.earlier.erase(run.earlier.begin());
    }
    run.earlier.push_back({run.slot, std::exchange(run.outcome, {})});
    run.control = std::make_shared<JobControl>();
    run.started = false;
    ++run.job.attempt;
}

// The attempt came to nothing: the one before is the last.
void Dispatcher::take_back_attempt(JobRun& run) {
    run.slot = run.earlier.back().slot;
    run.outcome = std::move(run.earlier.back().outcome);
    run.earlier.pop_back();
    run.started = true;
    --run.job.attempt;
}

ants::Task<> Dispatcher::submit(RunPointer run) {
    // Named, not a temporary in the co_await: g++ 12 destroys what such a one captured twice.
    auto task = [this, run](std::int32_t slot) { return work(run, slot); };
    const auto error = co_await stages_.pool.async_submit(std::move(task));
    if (error) {
        run->outcome.ending = Thrown{error.message()};
        run->started = true;
        post(std::move(run));
    }
}

// On a carrier.
ants::Task<> Dispatcher::work(RunPointer run, int slot) {
    run->slot = slot;
    if (!stopping_) {
        run->started = true;
        try {
            co_await execute(*run, slot);
        } catch (const std::exception& error) {
            run->outcome.ending = Thrown{error.what()};
        } catch (...) {
            run->outcome.ending = Thrown{"unknown exception"};
        }
    }
    post(std::move(run));
}

// On a carrier.
ants::Task<> Dispatcher::execute(JobRun& run, int slot) {
    Command command = stages_.renderer.render(run.job, slot);
    command.input = run.job.input;
    run.command = command.line;
    const std::string no_place = run.sink->begin(command);
    const std::string& problem = run.job.problem.empty() ? no_place : run.job.problem;
    if (!problem.empty()) {
        run.outcome.started = std::chrono::system_clock::now();
        run.outcome.ending = NotStarted{NotStarted::Why::cannot_run, problem};
        co_return;
    }
    run.outcome = co_await stages_.launcher.run(command, {run.job.seq, slot, run.job.attempt},
                                                *run.sink, *run.control);
}

// From any thread.
void Dispatcher::post(RunPointer run) {
    {
        const std::lock_guard lock(mutex_);
        ended_.push_back(std::move(run));
    }
    news_.set();
}

void Dispatcher::handle(const RunPointer& run) {
    running_.erase(run->job.seq);
    place_.set();
    if (run->started) {
        note_time(run->outcome);
    }
    if (is_to_run_again(*run)) {
        run_again(run);
    } else {
        conclude(run);
    }
    if (retry_.attempts != 1) {
        ready_.set();  // it was perhaps the last that could have come again
    }
}

bool Dispatcher::is_to_run_again(const JobRun& run) const {
    return !stopping_ && run.started && run.job.problem.empty() && run.job.may_run_again &&
           !run.outcome.succeeded();
}

void Dispatcher::run_again(const RunPointer& run) {
    run->due = ants::Clock::now() + delay_after(retry_, run->job.attempt);
    again_.push_back(run);
}

// No other attempt follows.
void Dispatcher::conclude(const RunPointer& run) {
    if (!run->started && !run->earlier.empty()) {
        take_back_attempt(*run);
    }
    if (run->sink != nullptr) {
        stages_.output.close(run->job);
    }
    if (run->started) {
        stages_.observer.on_finished(
            {run->job, run->command, run->slot, run->outcome, run->earlier});
    } else {
        stages_.observer.on_not_started(run->job);
    }
}

void Dispatcher::note_time(const Outcome& outcome) {
    const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(outcome.seconds));
    if (!outcome.succeeded() || !time_limit_.note_success(took)) {
        return;
    }
    for (const auto& [seq, run] : running_) {
        run->control->set_limit(*time_limit_.limit());
    }
}

void Dispatcher::tell_last() {
    if (is_fed_ && running_.size() == 1) {
        stages_.output.mark_last(running_.begin()->second->job);
    }
}

void Dispatcher::stop_starting() {
    stopping_ = true;
    stages_.gate.close();
    drop_read_ahead();
    for (const RunPointer& run : std::exchange(again_, {})) {
        conclude(run);
    }
    place_.set();
    ready_.set();
    news_.set();
}

void Dispatcher::stop() {
    stop_starting();
    for (const auto& [seq, run] : running_) {
        run->control->request_stop();
    }
}

std::uint64_t Dispatcher::job_led_by(int pid) const {
    const auto job = std::find_if(running_.begin(), running_.end(), [&](const auto& entry) {
        return entry.second->control->leader() == pid;
    });
    return job == running_.end() ? 0 : job->first;
}

void Dispatcher::pause(bool is_paused) {
    is_paused_ = is_paused;
    place_.set();
    if (!is_paused) {
        for (const auto& [seq, run] : running_) {
            run->control->notice.set();
        }
    }
}

}  // namespace antsrun
