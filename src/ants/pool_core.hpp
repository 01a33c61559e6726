// What is behind a Pool: its workers, its carriers, its waiting submitters. One lock guards all of
// it; a finishing worker does not take it but puts itself on a stack, which whoever holds the lock
// next collects.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <vector>

#include "ants/idle_workers.hpp"
#include "ants/pool.hpp"
#include "ants/worker.hpp"

namespace ants::detail {

// A carrier of the pool and its thread.
struct CarrierThread {
    explicit CarrierThread(PoolCore& pool) : core(pool) {}

    PoolCore& core;
    Carrier carrier;
    pthread_t thread{};

    // Guarded by the pool's lock.
    std::int32_t unfinished = 0;
    bool is_free = false;  // in free_threads_

    struct Stop : Event {
        explicit Stop(Carrier& carrier_to_stop) noexcept
            : Event(&act_now), target(carrier_to_stop) {}
        static void act_now(Event& event) noexcept { static_cast<Stop&>(event).target.stop(); }
        Carrier& target;
    } stop{carrier};
};

class PoolCore {
public:
    PoolCore(std::int32_t capacity, Options options);
    ~PoolCore();

    std::error_code submit(TaskBox task);
    // False: it was answered at once. True: it waits in line.
    bool submit_or_park(Submission& submission);
    // The coroutine of a parked submission is being destroyed.
    void forget(Submission& submission) noexcept;

    std::int32_t running();
    std::int32_t free();
    std::int32_t waiting();
    std::int32_t capacity();
    bool is_closed();
    std::int32_t carriers();
    Statistics statistics();
    std::vector<WorkerStatistics> workers();

    void tune(std::int32_t n);
    void release();
    std::error_code release(std::chrono::nanoseconds timeout);
    void reboot();

    // From a worker, on its carrier.
    void finish(Worker& worker) noexcept;
    void note_panic(Worker& worker, std::exception_ptr panic) noexcept;

private:
    friend struct CarrierThread;

    // Workers by age and those that may be purged.
    struct PurgeTimer : Timer {
        explicit PurgeTimer(PoolCore& pool) noexcept : Timer(&run), core(pool) {}
        static void run(Timer& timer) noexcept;
        PoolCore& core;
    };
    struct PurgeStart : Event {
        explicit PurgeStart(PoolCore& pool) noexcept : Event(&run), core(pool) {}
        static void run(Event& event) noexcept;
        PoolCore& core;
    };

    bool is_limited() const noexcept { return capacity_ > 0; }
    bool may_spawn() const noexcept { return !is_limited() || running_ < capacity_; }
    bool is_own_task() const noexcept;

    // All of these with the lock held.
    bool admit(TaskBox& task, std::error_code& result);
    std::error_code refusal(bool on_carrier) const noexcept;
    void enqueue(Submission& submission) noexcept;
    void answer(Submission& submission, std::error_code result) noexcept;
    Submission& first_in_line() const noexcept;
    void collect();
    void collect_one(Worker& worker);
    void let_in();
    std::error_code spawn(TaskBox& task);
    void assign(Worker& worker, CarrierThread& thread, TaskBox&& task);
    CarrierThread* choose_thread(std::error_code& error);
    CarrierThread* start_thread(std::error_code& error);
    void end(Worker& worker) noexcept;
    void end_surplus() noexcept;
    void purge();
    void watch_age();

    static void* run_thread(void* argument);
    static void before_sleep(void* context) noexcept;
    void destroy_parked(CarrierThread& thread) noexcept;
    void log(std::string_view text) const noexcept;

    const Options options_;
    std::mutex mutex_;
    std::condition_variable answered_;  // a blocked submitter has its answer
    std::condition_variable emptied_;   // running_ became 0

    std::int32_t capacity_;
    std::int32_t max_threads_;
    bool closed_ = false;
    std::int32_t running_ = 0;                      // workers alive
    std::int32_t busy_ = 0;                         // of these, with a task
    std::vector<std::unique_ptr<Worker>> workers_;  // by id - 1
    std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> free_ids_;
    IdleWorkers idle_;
    Link line_;  // waiting submissions
    std::int32_t waiting_ = 0;
    Statistics statistics_;
    std::vector<WorkerStatistics> figures_;  // by id - 1

    std::vector<std::unique_ptr<CarrierThread>> threads_;
    std::vector<CarrierThread*> free_threads_;  // nothing unfinished
    std::uint32_t random_ = 1;

    PurgeTimer purge_timer_{*this};
    PurgeStart purge_start_{*this};
    bool watches_age_ = false;

    // Workers that have finished and wait to be collected.
    alignas(64) std::atomic<Worker*> finished_{nullptr};
    // Somebody waits for workers to finish: they are to be collected at once.
    std::atomic<std::int32_t> eager_{0};
};

}  // namespace ants::detail
