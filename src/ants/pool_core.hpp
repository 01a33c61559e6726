// What is behind a Pool: its workers, its carriers, its waiting submitters. One lock guards all of
// it; a finishing worker does not take it but puts itself on a stack, which whoever holds the lock
// next collects.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <string_view>
#include <vector>

#include "ants/carrier_threads.hpp"
#include "ants/idle_workers.hpp"
#include "ants/pool.hpp"
#include "ants/worker.hpp"

namespace ants::detail {

class PoolCore {
public:
    PoolCore(std::int32_t capacity, Options options);
    ~PoolCore();

    // See Pool. A refused task stays in its box.
    std::error_code submit(TaskBox& task);
    // False: it was answered at once. True: it waits in line.
    bool submit_or_park(Submission& submission);
    // The coroutine of a parked submission is being destroyed. False: it was answered before.
    bool forget(Submission& submission) noexcept;

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
    void take_back(Worker& worker) noexcept;
    void note_panic(const std::exception_ptr& panic, Worker& worker) noexcept;

    // The life of a carrier's thread; `argument` is its CarrierThread.
    static void* run_thread(void* argument);

private:
    // Ends workers that were idle for too long. Queued or armed on one carrier, `purger_`, while
    // there are idle workers.
    struct Purge : Timer {
        explicit Purge(PoolCore& pool) noexcept : Timer(&run), core(pool) {}
        static void run(Event& event) noexcept;
        PoolCore& core;
    };

    static void before_sleep(void* thread) noexcept;
    bool is_limited() const noexcept { return capacity_ > 0; }
    bool is_own_task() const noexcept;

    // All of these with the lock held.
    bool has_place() const noexcept;
    bool admit(TaskBox& task, std::error_code& result);
    std::error_code place(TaskBox& task);
    std::error_code refusal(bool would_block_carrier) const noexcept;
    void line_up(Submission& submission);
    void leave_line(Submission& submission) noexcept;
    void answer(Submission& submission, std::error_code result) noexcept;
    void let_in();
    void collect();
    void collect_one(Worker& worker);
    Worker& spawn();
    void end(Worker& worker) noexcept;
    void end_idle(Worker& worker) noexcept;
    void look_after_age();
    void end_old() noexcept;
    WorkerStatistics& figures_of(const Worker& worker) noexcept {
        return figures_[static_cast<std::size_t>(worker.id) - 1];
    }

    void destroy_parked(CarrierThread& thread) noexcept;
    void log(std::string_view text) const noexcept;

    const Options options_;

    std::mutex mutex_;                 // guards all below, except what is atomic
    std::condition_variable emptied_;  // running_ became 0
    std::condition_variable left_;     // blocked_ became 0

    std::int32_t capacity_;
    bool closed_ = false;

    std::vector<std::unique_ptr<Worker>> workers_;  // by id - 1
    std::vector<WorkerStatistics> figures_;         // by id - 1
    std::priority_queue<std::int32_t, std::vector<std::int32_t>, std::greater<>> free_ids_;
    IdleWorkers idle_;
    std::int32_t running_ = 0;  // workers alive
    std::int32_t busy_ = 0;     // of these, with a task
    Statistics statistics_;

    Link line_;  // waiting submissions
    std::int32_t waiting_ = 0;
    std::int32_t blocked_ = 0;  // threads inside submit() that wait or have not left yet

    Purge purge_{*this};  // before threads_: it may be queued on one when they go
    CarrierThread* purger_ = nullptr;
    CarrierThreads threads_;

    // Workers that have finished and wait to be collected.
    alignas(64) std::atomic<Event*> finished_{nullptr};
    // How many wait for workers to finish: if any, these are to be collected at once.
    std::atomic<std::int32_t> eager_{0};
};

}  // namespace ants::detail
