#include "dispatch/dispatcher.hpp"

#include <exception>
#include <utility>

#include "ants/carrier.hpp"

namespace antsrun {

ants::Task<> Dispatcher::run() {
    // It may wait for input when we are done with it: then it goes with the control loop.
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

bool Dispatcher::is_over() const { return (input_ended_ || stopping_) && running_.empty(); }

ants::Task<> Dispatcher::feed() {
    while (!stopping_) {
        co_await stages_.output.room();
        auto job = co_await stages_.jobs.next();
        if (!job) {
            stages_.observer.on_input_end();
            break;
        }
        stages_.observer.on_read(*job);
        if (stopping_) {
            stages_.observer.on_not_started(*job);
            break;
        }
        co_await pass_gate();
        if (stopping_) {
            stages_.observer.on_not_started(*job);
            break;
        }
        auto run = std::make_shared<JobRun>();
        run->control = std::make_shared<JobControl>();
        run->sink = stages_.output.open(*job, run->control);
        run->job = std::move(*job);
        running_.emplace(run->job.seq, run);
        co_await submit(std::move(run));
        stages_.gate.note_start();
    }
    input_ended_ = true;
    news_.set();
}

// What is true of the machine when a job passes must be true when it starts: so first there must be
// a place for it.
ants::Task<> Dispatcher::pass_gate() {
    if (stages_.gate.is_always_open()) {
        co_return;
    }
    while (!stopping_ && running_.size() >= static_cast<std::size_t>(stages_.pool.capacity())) {
        co_await ants::poll({}, ants::kNever, &place_);
        place_.take();
    }
    co_await stages_.gate.opens(running_.size());
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
    command.input = std::move(run.job.input);
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
    stages_.output.close(run->job);
    running_.erase(run->job.seq);
    place_.set();
    if (run->started) {
        stages_.observer.on_finished({run->job, run->command, run->slot, run->outcome});
    } else {
        stages_.observer.on_not_started(run->job);
    }
}

void Dispatcher::tell_last() {
    if (input_ended_ && running_.size() == 1) {
        stages_.output.mark_last(running_.begin()->second->job);
    }
}

void Dispatcher::stop_starting() {
    stopping_ = true;
    stages_.gate.close();
    place_.set();
    news_.set();
}

void Dispatcher::stop() {
    stop_starting();
    for (const auto& [seq, run] : running_) {
        run->control->request_stop();
    }
}

}  // namespace antsrun
