#include "ants/pool_core.hpp"

#include <sched.h>

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <string>
#include <utility>

namespace ants::detail {
namespace {

// Enough for coroutines, a render and a spawn; sanitizers need more.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStackSize = 2 * 1024 * 1024;
#else
constexpr std::size_t kStackSize = 256 * 1024;
#endif

thread_local CarrierThread* current_thread = nullptr;

std::int32_t available_cpus() noexcept {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    return std::max(1, CPU_COUNT(&set));
}

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

}  // namespace

PoolCore::PoolCore(std::int32_t capacity, Options options)
    : options_(checked(std::move(options), capacity)),
      capacity_(capacity > 0 ? capacity : -1),
      max_threads_(options_.carriers > 0 ? options_.carriers : available_cpus()),
      idle_(options_.preallocate ? static_cast<std::size_t>(capacity) : 0) {
    if (is_limited()) {
        max_threads_ = std::min(max_threads_, capacity_);
    }
}

PoolCore::~PoolCore() {
    assert(!is_own_task());
    release();
    for (const auto& thread : threads_) {
        thread->carrier.post(thread->stop);
    }
    for (const auto& thread : threads_) {
        ::pthread_join(thread->thread, nullptr);
    }
    workers_.clear();
}

bool PoolCore::is_own_task() const noexcept {
    return current_thread != nullptr && &current_thread->core == this;
}

// ---- Submitting
// ----------------------------------------------------------------------------------

// Start the task now, or say for good why not. False: it would have to wait.
bool PoolCore::admit(TaskBox& task, std::error_code& result) {
    collect();
    if (closed_) {
        result = Errc::pool_closed;
        return true;
    }
    if (line_.is_linked()) {
        return false;  // newcomers never overtake
    }
    if (!idle_.is_empty()) {
        Worker& worker = idle_.pop();
        std::error_code error;
        CarrierThread* const thread = choose_thread(error);
        assert(thread != nullptr);  // an idle worker has run before
        assign(worker, *thread, std::move(task));
        return true;
    }
    if (may_spawn()) {
        result = spawn(task);
        return true;
    }
    return false;
}

std::error_code PoolCore::refusal(bool on_carrier) const noexcept {
    if (options_.nonblocking ||
        (options_.max_blocking_tasks > 0 && waiting_ >= options_.max_blocking_tasks)) {
        return Errc::pool_overload;
    }
    if (on_carrier) {
        return std::make_error_code(std::errc::resource_deadlock_would_occur);
    }
    return {};
}

std::error_code PoolCore::submit(TaskBox task) {
    std::unique_lock lock(mutex_);
    std::error_code result;
    if (admit(task, result)) {
        return result;
    }
    if (const auto refused = refusal(Carrier::current() != nullptr)) {
        return refused;
    }
    Submission submission(std::move(task));
    enqueue(submission);
    answered_.wait(lock, [&] { return submission.is_answered; });
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
    enqueue(submission);
    return true;
}

void PoolCore::enqueue(Submission& submission) noexcept {
    submission.place.link_before(line_);
    ++waiting_;
    // Sequentially consistent with finish(): a worker that finishes sees us, or we find it now.
    eager_.fetch_add(1);
    collect();
}

void PoolCore::answer(Submission& submission, std::error_code result) noexcept {
    submission.place.unlink();
    --waiting_;
    eager_.fetch_sub(1);
    submission.result = result;
    submission.is_answered = true;
    if (submission.carrier != nullptr) {
        submission.carrier->post(submission);
    } else {
        answered_.notify_all();
    }
}

void PoolCore::forget(Submission& submission) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (!submission.is_answered) {
            submission.place.unlink();
            --waiting_;
            eager_.fetch_sub(1);
            return;
        }
    }
    submission.carrier->withdraw(submission);
}

// ---- Workers
// -------------------------------------------------------------------------------------

std::error_code PoolCore::spawn(TaskBox& task) {
    std::error_code error;
    CarrierThread* const thread = choose_thread(error);
    if (thread == nullptr) {
        return error;
    }
    std::int32_t id = static_cast<std::int32_t>(workers_.size()) + 1;
    if (free_ids_.empty()) {
        workers_.push_back(nullptr);
        figures_.push_back({.id = id});
    } else {
        id = free_ids_.top();
        free_ids_.pop();
    }
    auto& worker = workers_[static_cast<std::size_t>(id) - 1];
    worker = std::make_unique<Worker>(*this, id);
    worker->idle_since = Clock::now();
    ++running_;
    ++statistics_.spawned;
    assign(*worker, *thread, std::move(task));
    return {};
}

void PoolCore::assign(Worker& worker, CarrierThread& thread, TaskBox&& task) {
    worker.task = std::move(task);
    worker.panicked = false;
    worker.thread = &thread;
    ++thread.unfinished;
    ++busy_;
    ++statistics_.submitted;
    statistics_.peak_running = std::max(statistics_.peak_running, busy_);
    thread.carrier.post(worker);
}

void PoolCore::finish(Worker& worker) noexcept {
    worker.task.reset();
    worker.ended = Clock::now();
    Worker* head = finished_.load(std::memory_order_relaxed);
    do {
        worker.next_finished = head;
    } while (!finished_.compare_exchange_weak(head, &worker));
    // The worker may be anybody's from here on.
    if (eager_.load() > 0) {
        const std::lock_guard lock(mutex_);
        collect();
    }
}

void PoolCore::before_sleep(void* context) noexcept {
    PoolCore& core = static_cast<CarrierThread*>(context)->core;
    if (core.finished_.load(std::memory_order_relaxed) != nullptr) {
        const std::lock_guard lock(core.mutex_);
        core.collect();
    }
}

void PoolCore::collect() {
    Worker* newest_first = finished_.exchange(nullptr);
    Worker* oldest_first = nullptr;
    while (newest_first != nullptr) {
        Worker* const worker = std::exchange(newest_first, newest_first->next_finished);
        worker->next_finished = std::exchange(oldest_first, worker);
    }
    while (oldest_first != nullptr) {
        collect_one(*std::exchange(oldest_first, oldest_first->next_finished));
    }
    let_in();
}

void PoolCore::collect_one(Worker& worker) {
    --busy_;
    ++statistics_.completed;
    statistics_.panicked += worker.panicked ? 1 : 0;
    WorkerStatistics& figures = figures_[static_cast<std::size_t>(worker.id) - 1];
    ++figures.tasks;
    figures.panics += worker.panicked ? 1 : 0;
    figures.busy += worker.ended - worker.began;
    figures.idle += worker.began - worker.idle_since;
    worker.idle_since = worker.ended;

    CarrierThread& thread = *std::exchange(worker.thread, nullptr);
    if (--thread.unfinished == 0 && !thread.is_free) {
        thread.is_free = true;
        free_threads_.push_back(&thread);
    }
    if (worker.panicked || closed_ || (is_limited() && running_ > capacity_)) {
        end(worker);
        return;
    }
    idle_.push(worker);
    watch_age();
}

Submission& PoolCore::first_in_line() const noexcept {
    return static_cast<Submission::Place&>(*line_.next).submission;
}

// First come, first served, as far as there are places.
void PoolCore::let_in() {
    while (line_.is_linked() && (!idle_.is_empty() || may_spawn())) {
        Submission& submission = first_in_line();
        std::error_code error;
        if (idle_.is_empty()) {
            error = spawn(submission.box);
        } else {
            CarrierThread* const thread = choose_thread(error);
            assign(idle_.pop(), *thread, std::move(submission.box));
        }
        answer(submission, error);
    }
}

void PoolCore::end(Worker& worker) noexcept {
    const std::int32_t id = worker.id;
    workers_[static_cast<std::size_t>(id) - 1].reset();
    free_ids_.push(id);
    if (--running_ == 0) {
        emptied_.notify_all();
    }
}

void PoolCore::note_panic(Worker& worker, std::exception_ptr panic) noexcept {
    worker.panicked = true;
    const auto text_of = [](const std::exception_ptr& exception) -> std::string {
        try {
            std::rethrow_exception(exception);
        } catch (const std::exception& error) {
            return error.what();
        } catch (...) {
            return "not a std::exception";
        }
    };
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
// ------------------------------------------------------------------------------------

CarrierThread* PoolCore::choose_thread(std::error_code& error) {
    if (!free_threads_.empty()) {
        CarrierThread* const thread = free_threads_.back();
        free_threads_.pop_back();
        thread->is_free = false;
        return thread;
    }
    if (static_cast<std::int32_t>(threads_.size()) < max_threads_) {
        if (CarrierThread* const thread = start_thread(error)) {
            return thread;
        }
        max_threads_ = static_cast<std::int32_t>(threads_.size());  // go on with fewer
    }
    if (threads_.empty()) {
        max_threads_ = 1;  // the next submission tries again
        return nullptr;
    }
    error.clear();
    random_ = random_ * 1664525 + 1013904223;
    CarrierThread* const one = threads_[(random_ >> 8) % threads_.size()].get();
    CarrierThread* const other = threads_[((random_ >> 8) + 1) % threads_.size()].get();
    return one->unfinished <= other->unfinished ? one : other;
}

CarrierThread* PoolCore::start_thread(std::error_code& error) {
    try {
        threads_.push_back(std::make_unique<CarrierThread>(*this));
    } catch (const std::system_error& failed) {
        error = failed.code();
        return nullptr;
    }
    CarrierThread* const thread = threads_.back().get();
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, kStackSize);
    const int failed = ::pthread_create(&thread->thread, &attributes, &run_thread, thread);
    ::pthread_attr_destroy(&attributes);
    if (failed != 0) {
        threads_.pop_back();
        error = {failed, std::generic_category()};
        return nullptr;
    }
    return thread;
}

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
        if (&thread == threads_.front().get()) {
            thread.carrier.disarm(purge_timer_);
        }
    }
    for (Worker* const worker : parked) {
        worker->destroy_life();
        worker->task.reset();
    }
}

// ---- Age
// -----------------------------------------------------------------------------------------

// There are idle workers: have the timer run. It lives on the first carrier.
void PoolCore::watch_age() {
    if (!watches_age_ && !options_.disable_purge) {
        watches_age_ = true;
        threads_.front()->carrier.post(purge_start_);
    }
}

void PoolCore::PurgeStart::run(Event& event) noexcept {
    PoolCore& core = static_cast<PurgeStart&>(event).core;
    const std::lock_guard lock(core.mutex_);
    core.purge();
}

void PoolCore::PurgeTimer::run(Timer& timer) noexcept {
    PoolCore& core = static_cast<PurgeTimer&>(timer).core;
    const std::lock_guard lock(core.mutex_);
    core.collect();
    core.purge();
}

// On the first carrier. End those that are too old; look again when the next one will be.
void PoolCore::purge() {
    const Deadline now = Clock::now();
    while (!idle_.is_empty() && idle_.oldest().idle_since + options_.expiry <= now) {
        end(idle_.pop_oldest());
        ++statistics_.purged;
    }
    watches_age_ = !idle_.is_empty();
    if (watches_age_) {
        threads_.front()->carrier.arm(purge_timer_, idle_.oldest().idle_since + options_.expiry);
    }
}

// ---- Changing the pool
// -----------------------------------------------------------------------------

void PoolCore::tune(std::int32_t n) {
    const std::lock_guard lock(mutex_);
    if (!is_limited() || options_.preallocate || n <= 0 || n == capacity_) {
        return;
    }
    capacity_ = n;
    ++statistics_.tunes;
    collect();
    end_surplus();
}

void PoolCore::end_surplus() noexcept {
    while (running_ > capacity_ && !idle_.is_empty()) {
        end(idle_.pop_highest());
    }
}

void PoolCore::release() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    while (line_.is_linked()) {
        answer(first_in_line(), Errc::pool_closed);
    }
    collect();
    while (!idle_.is_empty()) {
        end(idle_.pop_oldest());
    }
}

std::error_code PoolCore::release(std::chrono::nanoseconds timeout) {
    if (is_own_task()) {
        return std::make_error_code(std::errc::resource_deadlock_would_occur);
    }
    const Deadline deadline = Clock::now() + timeout;
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
// ---------------------------------------------------------------------------------

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
    return static_cast<std::int32_t>(threads_.size());
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
