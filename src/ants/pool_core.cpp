#include "ants/pool_core.hpp"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <string>
#include <utility>

namespace ants::detail {
namespace {

thread_local CarrierThread* current_thread = nullptr;

Options checked(Options options, std::int32_t capacity) {
    if (options.expiry < options.expiry.zero()) {
        throw std::system_error(Errc::invalid_pool_expiry);
    }
    if (options.expiry == options.expiry.zero()) {
        options.expiry = Options{}.expiry;
    }
    if (options.preallocate && capacity <= 0) {
        throw std::system_error(Errc::invalid_preallocate_size);
    }
    return options;
}

// A submission of a thread.
struct Blocked : Submission {
    using Submission::Submission;
    std::condition_variable answered;
};

std::string text_of(const std::exception_ptr& exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "not a std::exception";
    }
}

}  // namespace

PoolCore::PoolCore(std::int32_t capacity, Options options)
    : options_(checked(std::move(options), capacity)),
      capacity_(capacity > 0 ? capacity : -1),
      idle_(options_.preallocate ? static_cast<std::size_t>(capacity) : 0),
      threads_(*this, options_.carriers) {}

PoolCore::~PoolCore() {
    assert(!is_own_task());
    release();
    {
        std::unique_lock lock(mutex_);
        left_.wait(lock, [&] { return blocked_ == 0; });
    }
    threads_.stop_and_join();
}

bool PoolCore::is_own_task() const noexcept {
    return current_thread != nullptr && &current_thread->core == this;
}

// ---- Submitting

std::error_code PoolCore::submit(TaskBox& task) {
    std::unique_lock lock(mutex_);
    std::error_code result;
    if (admit(task, result)) {
        return result;
    }
    if (const auto refused = refusal(Carrier::current() != nullptr)) {
        return refused;
    }
    Blocked submission(*this, task);
    ++blocked_;
    line_up(submission);
    submission.answered.wait(lock, [&] { return submission.is_answered.load(); });
    if (--blocked_ == 0) {
        left_.notify_all();
    }
    if (submission.result) {
        task = std::move(submission.box);
    }
    return submission.result;
}

bool PoolCore::submit_or_park(Submission& submission) {
    const std::lock_guard lock(mutex_);
    if (admit(submission.box, submission.result)) {
        return false;
    }
    submission.result = refusal(false);
    if (submission.result) {
        return false;
    }
    submission.is_parked = true;
    line_up(submission);
    return true;
}

bool PoolCore::forget(Submission& submission) noexcept {
    const std::lock_guard lock(mutex_);
    if (submission.is_answered.load()) {
        return false;
    }
    leave_line(submission);
    return true;
}

bool PoolCore::has_place() const noexcept {
    return !idle_.is_empty() || !is_limited() || running_ < capacity_;
}

// Start the task now, or say for good why not. False: it would have to wait.
bool PoolCore::admit(TaskBox& task, std::error_code& result) {
    collect();
    if (closed_) {
        result = Errc::pool_closed;
        return true;
    }
    if (line_.is_linked() || !has_place()) {
        return false;  // newcomers never overtake
    }
    result = place(task);
    return true;
}

// There is a place: give the task to a worker, and the worker to a carrier.
std::error_code PoolCore::place(TaskBox& task) {
    std::error_code error;
    CarrierThread* const thread = threads_.choose(is_limited() ? capacity_ : INT32_MAX, error);
    if (thread == nullptr) {
        return error;
    }
    Worker& worker = idle_.is_empty() ? spawn() : idle_.pop();
    worker.task = std::move(task);
    worker.panicked = false;
    worker.thread = thread;
    threads_.add_task(*thread);
    ++busy_;
    ++statistics_.submitted;
    statistics_.peak_running = std::max(statistics_.peak_running, busy_);
    thread->carrier.post(worker);
    return {};
}

std::error_code PoolCore::refusal(bool would_block_carrier) const noexcept {
    if (options_.nonblocking ||
        (options_.max_blocking_tasks > 0 && waiting_ >= options_.max_blocking_tasks)) {
        return Errc::pool_overload;
    }
    return would_block_carrier ? std::make_error_code(std::errc::resource_deadlock_would_occur)
                               : std::error_code();
}

void PoolCore::line_up(Submission& submission) {
    submission.place.link_before(line_);
    ++waiting_;
    // Sequentially consistent with take_back(): a worker that finishes sees us, or we find it now.
    eager_.fetch_add(1);
    collect();
}

void PoolCore::leave_line(Submission& submission) noexcept {
    submission.place.unlink();
    --waiting_;
    eager_.fetch_sub(1);
}

void PoolCore::answer(Submission& submission, std::error_code result) noexcept {
    leave_line(submission);
    submission.result = result;
    submission.is_answered.store(true, std::memory_order_release);
    if (submission.carrier != nullptr) {
        submission.carrier->post(submission);
    } else {
        static_cast<Blocked&>(submission).answered.notify_one();
    }
}

// First come, first served, as far as there are places.
void PoolCore::let_in() {
    while (line_.is_linked() && has_place()) {
        Submission& submission = static_cast<Submission::Place&>(*line_.next).submission;
        answer(submission, place(submission.box));
    }
}

// ---- Workers

Worker& PoolCore::spawn() {
    auto id = static_cast<std::int32_t>(workers_.size()) + 1;
    if (free_ids_.empty()) {
        workers_.push_back(nullptr);
        figures_.push_back({});
        figures_.back().id = id;
    } else {
        id = free_ids_.top();
        free_ids_.pop();
    }
    auto& worker = workers_[static_cast<std::size_t>(id) - 1];
    worker = std::make_unique<Worker>(*this, id);
    worker->idle_since = Clock::now();
    ++running_;
    ++statistics_.spawned;
    return *worker;
}

void PoolCore::end(Worker& worker) noexcept {
    const std::int32_t id = worker.id;
    workers_[static_cast<std::size_t>(id) - 1].reset();
    free_ids_.push(id);
    if (--running_ == 0) {
        emptied_.notify_all();
    }
}

void PoolCore::end_idle(Worker& worker) noexcept {
    figures_of(worker).idle += Clock::now() - worker.idle_since;
    end(worker);
}

void PoolCore::take_back(Worker& worker) noexcept {
    worker.ended = Clock::now();
    Event* head = finished_.load(std::memory_order_relaxed);
    do {
        worker.next_posted = head;
    } while (!finished_.compare_exchange_weak(head, &worker));
    // The worker may be anybody's from here on.
    if (eager_.load() > 0) {
        const std::lock_guard lock(mutex_);
        collect();
    }
}

void PoolCore::before_sleep(void* thread) noexcept {
    PoolCore& core = static_cast<CarrierThread*>(thread)->core;
    if (core.finished_.load(std::memory_order_relaxed) != nullptr) {
        const std::lock_guard lock(core.mutex_);
        core.collect();
    }
}

// All that have finished, in the order in which they did.
void PoolCore::collect() {
    Event* newest_first = finished_.exchange(nullptr);
    Event* oldest_first = nullptr;
    while (newest_first != nullptr) {
        Event* const event = std::exchange(newest_first, newest_first->next_posted);
        event->next_posted = std::exchange(oldest_first, event);
    }
    while (oldest_first != nullptr) {
        Event* const event = std::exchange(oldest_first, oldest_first->next_posted);
        collect_one(static_cast<Worker&>(*event));
    }
    let_in();
}

void PoolCore::collect_one(Worker& worker) {
    --busy_;
    ++statistics_.completed;
    statistics_.panicked += worker.panicked ? 1 : 0;
    WorkerStatistics& figures = figures_of(worker);
    ++figures.tasks;
    figures.panics += worker.panicked ? 1 : 0;
    figures.busy += worker.ended - worker.began;
    figures.idle += worker.began - worker.idle_since;
    worker.idle_since = worker.ended;
    threads_.remove_task(*std::exchange(worker.thread, nullptr));

    const bool is_surplus = is_limited() && (running_ > capacity_ || worker.id > capacity_);
    if (worker.panicked || closed_ || is_surplus) {
        end(worker);
        return;
    }
    idle_.push(worker);
    look_after_age();
}

void PoolCore::note_panic(const std::exception_ptr& panic, Worker& worker) noexcept {
    worker.panicked = true;
    try {
        if (options_.panic_handler) {
            options_.panic_handler(panic);
        } else {
            log("ants: worker " + std::to_string(worker.id) + " panicked: " + text_of(panic));
        }
    } catch (...) {
        log("ants: the panic handler threw: " + text_of(std::current_exception()));
    }
}

void PoolCore::log(std::string_view text) const noexcept {
    try {
        if (options_.logger) {
            options_.logger(text);
        } else {
            std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
        }
    } catch (...) {
        std::fputs("ants: the logger threw\n", stderr);
    }
}

// ---- Carriers

void* PoolCore::run_thread(void* argument) {
    auto& thread = *static_cast<CarrierThread*>(argument);
    current_thread = &thread;
    thread.carrier.run_until_stopped(&before_sleep, &thread);
    thread.core.destroy_parked(thread);
    return nullptr;
}

// The pool is being destroyed: tasks that are still parked here end where they stand.
void PoolCore::destroy_parked(CarrierThread& thread) noexcept {
    std::vector<Worker*> parked;
    {
        const std::lock_guard lock(mutex_);
        collect();
        for (const auto& worker : workers_) {
            if (worker != nullptr && worker->thread == &thread) {
                parked.push_back(worker.get());
            }
        }
    }
    for (Worker* const worker : parked) {
        worker->drop_task();
    }
}

// ---- Age

// There are idle workers: have somebody end them when they are too old.
void PoolCore::look_after_age() {
    if (purger_ == nullptr && !options_.disable_purge) {
        purger_ = &threads_.most_idle();
        purger_->carrier.post(purge_);
    }
}

void PoolCore::Purge::run(Event& event) noexcept {
    auto& purge = static_cast<Purge&>(event);
    PoolCore& core = purge.core;
    const std::lock_guard lock(core.mutex_);
    core.collect();
    core.end_old();
    if (core.idle_.is_empty()) {
        core.purger_ = nullptr;
    } else {
        core.purger_->carrier.arm(purge,
                                  after(core.idle_.oldest().idle_since, core.options_.expiry));
    }
}

void PoolCore::end_old() noexcept {
    const Deadline now = Clock::now();
    while (!idle_.is_empty() && now - idle_.oldest().idle_since >= options_.expiry) {
        end_idle(idle_.pop_oldest());
        ++statistics_.purged;
    }
}

// ---- Changing the pool

void PoolCore::tune(std::int32_t n) {
    const std::lock_guard lock(mutex_);
    if (!is_limited() || options_.preallocate || n <= 0 || n == capacity_) {
        return;
    }
    capacity_ = n;
    ++statistics_.tunes;
    collect();
    for (Worker* const worker : idle_.take_highest(running_ - capacity_, capacity_)) {
        end_idle(*worker);
    }
}

void PoolCore::release() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    while (line_.is_linked()) {
        answer(static_cast<Submission::Place&>(*line_.next).submission, Errc::pool_closed);
    }
    collect();
    while (!idle_.is_empty()) {
        end_idle(idle_.pop_oldest());
    }
}

std::error_code PoolCore::release(std::chrono::nanoseconds timeout) {
    if (is_own_task()) {
        return std::make_error_code(std::errc::resource_deadlock_would_occur);
    }
    const Deadline deadline = after(Clock::now(), timeout);
    release();
    std::unique_lock lock(mutex_);
    eager_.fetch_add(1);
    collect();
    const bool is_empty = emptied_.wait_until(lock, deadline, [&] { return running_ == 0; });
    eager_.fetch_sub(1);
    return is_empty ? std::error_code{} : make_error_code(Errc::timeout);
}

void PoolCore::reboot() {
    const std::lock_guard lock(mutex_);
    closed_ = false;
}

// ---- Looking at it

std::int32_t PoolCore::running() {
    const std::lock_guard lock(mutex_);
    collect();
    return running_;
}

std::int32_t PoolCore::free() {
    const std::lock_guard lock(mutex_);
    collect();
    return is_limited() ? std::max(0, capacity_ - running_) : -1;
}

std::int32_t PoolCore::waiting() {
    const std::lock_guard lock(mutex_);
    collect();
    return waiting_;
}

std::int32_t PoolCore::capacity() {
    const std::lock_guard lock(mutex_);
    return capacity_;
}

bool PoolCore::is_closed() {
    const std::lock_guard lock(mutex_);
    return closed_;
}

std::int32_t PoolCore::carriers() {
    const std::lock_guard lock(mutex_);
    return threads_.count();
}

Statistics PoolCore::statistics() {
    const std::lock_guard lock(mutex_);
    collect();
    return statistics_;
}

std::vector<WorkerStatistics> PoolCore::workers() {
    const std::lock_guard lock(mutex_);
    collect();
    std::vector<WorkerStatistics> figures = figures_;
    const Deadline now = Clock::now();
    for (const auto& worker : workers_) {
        if (worker != nullptr && worker->thread == nullptr) {
            figures[static_cast<std::size_t>(worker->id) - 1].idle += now - worker->idle_since;
        }
    }
    return figures;
}

}  // namespace ants::detail
