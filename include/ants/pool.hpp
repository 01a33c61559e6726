// Pool: runs tasks on reused workers, never more than `capacity` at a time.
//
//     ants::Pool pool(1000);
//     auto error = pool.submit([] { compute(); });  // a plain task
//     error = pool.submit([]() -> ants::Task<> {    // one that parks
//         co_await ants::sleep_for(1s);
//     });
//
// A worker takes one task after another. While its task is parked at a co_await, its thread
// (carrier) runs others: 50,000 waiting workers cost megabytes, and a handful of threads. A plain
// task holds its carrier until it returns; so does a task that blocks its thread (a blocking read,
// a lock held long). Tasks of that kind want Options::carriers = capacity: a plain thread pool.
//
// Carriers start when they are needed, on small stacks (256 KiB), with all signals blocked but
// those that a fault raises, and live as long as the pool. A new task goes to a carrier that has
// nothing unfinished if there is one, else to the less loaded of two: one that is stuck holds up
// only what it already has. With carriers >= capacity no two tasks share one.
//
// Every function may be called from any thread, and from tasks of the pool, unless it says
// otherwise. There is no promise on the order of tasks.
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "ants/carrier.hpp"
#include "ants/error.hpp"
#include "ants/options.hpp"
#include "ants/statistics.hpp"
#include "ants/task.hpp"

namespace ants {

namespace detail {

// A task of any type: move-only, small ones without an allocation.
class TaskBox {
public:
    TaskBox() = default;

    template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, TaskBox>) explicit TaskBox(F&& function) {
        using Function = std::decay_t<F>;  // of a plain function: its address
        if constexpr (fits<Function>) {
            ::new (static_cast<void*>(buffer_)) Function(std::forward<F>(function));
            operations_ = &kOperations<Function>;
        } else {
            using Holder = Boxed<Function>;
            ::new (static_cast<void*>(buffer_))
                Holder{std::make_unique<Function>(std::forward<F>(function))};
            operations_ = &kOperations<Holder>;
        }
    }

    TaskBox(TaskBox&& other) noexcept { take(other); }
    TaskBox& operator=(TaskBox&& other) noexcept {
        reset();
        take(other);
        return *this;
    }
    ~TaskBox() { reset(); }

    void reset() noexcept {
        if (operations_ != nullptr) {
            std::exchange(operations_, nullptr)->destroy(buffer_);
        }
    }

    // The function it was made of, if that is what it was made of and it is still here.
    template <class Function>
    Function* target() noexcept {
        if constexpr (fits<Function>) {
            return operations_ == &kOperations<Function>
                       ? std::launder(reinterpret_cast<Function*>(buffer_))
                       : nullptr;
        } else {
            return operations_ == &kOperations<Boxed<Function>>
                       ? std::launder(reinterpret_cast<Boxed<Function>*>(buffer_))->function.get()
                       : nullptr;
        }
    }

    // One of the two: a plain task is called, one that parks is started.
    bool is_plain() const noexcept { return operations_->call != nullptr; }
    void call(std::int32_t worker_id) { operations_->call(buffer_, worker_id); }
    Task<> start(std::int32_t worker_id) { return operations_->start(buffer_, worker_id); }

private:
    static constexpr std::size_t kSize = 40;

    template <class Function>
    static constexpr bool fits =
        sizeof(Function) <= kSize &&
        alignof(Function) <= alignof(void*) && std::is_nothrow_move_constructible_v<Function>;

    template <class Function>
    struct Boxed {
        std::unique_ptr<Function> function;
        decltype(auto) operator()(std::int32_t worker_id) { return invoke(*function, worker_id); }
    };

    template <class Function>
    static decltype(auto) invoke(Function& function, std::int32_t worker_id) {
        if constexpr (std::is_invocable_v<Function&, std::int32_t>) {
            return function(worker_id);
        } else {
            return function();
        }
    }

    template <class Function>
    using ResultOf = decltype(invoke(std::declval<Function&>(), std::int32_t{}));

    struct Operations {
        void (*call)(void*, std::int32_t);
        Task<> (*start)(void*, std::int32_t);
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void*) noexcept;
    };

    template <class Function>
    static void call_as(void* function, std::int32_t worker_id) {
        invoke(*static_cast<Function*>(function), worker_id);
    }
    template <class Function>
    static Task<> start_as(void* function, std::int32_t worker_id) {
        return invoke(*static_cast<Function*>(function), worker_id);
    }
    template <class Function>
    static void move_as(void* from, void* to) noexcept {
        auto* const function = static_cast<Function*>(from);
        ::new (to) Function(std::move(*function));
        function->~Function();
    }
    template <class Function>
    static void destroy_as(void* function) noexcept {
        static_cast<Function*>(function)->~Function();
    }

    template <class Function>
    static constexpr Operations make_operations() {
        static_assert(
            std::is_void_v<ResultOf<Function>> || std::is_same_v<ResultOf<Function>, Task<>>,
            "a task returns void or ants::Task<>");
        if constexpr (std::is_void_v<ResultOf<Function>>) {
            return {&call_as<Function>, nullptr, &move_as<Function>, &destroy_as<Function>};
        } else {
            return {nullptr, &start_as<Function>, &move_as<Function>, &destroy_as<Function>};
        }
    }
    template <class Function>
    static constexpr Operations kOperations = make_operations<Function>();

    void take(TaskBox& other) noexcept {
        operations_ = std::exchange(other.operations_, nullptr);
        if (operations_ != nullptr) {
            operations_->move(other.buffer_, buffer_);
        }
    }

    const Operations* operations_ = nullptr;
    alignas(void*) std::byte buffer_[kSize];
};

class PoolCore;

// A submitter that waits for a place, with its task: a parked coroutine, or, without a carrier, a
// blocked thread.
struct Submission : Event {
    Submission(PoolCore& pool, TaskBox& task) noexcept
        : Event(&resume), core(pool), box(std::move(task)) {}
    Submission(PoolCore& pool, TaskBox&& task) noexcept : Submission(pool, task) {}
    ~Submission();

    // As an awaiter.
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle);
    std::error_code await_resume() const noexcept { return result; }

    static void resume(Event& event) noexcept;

    PoolCore& core;
    TaskBox box;
    std::error_code result;
    Carrier* carrier = nullptr;
    std::coroutine_handle<> waiter;
    // Set with the pool's lock held, after `result`. From then on a parked one needs no pool.
    std::atomic<bool> is_answered{false};
    bool is_parked = false;
    struct Place : Link {
        explicit Place(Submission& owner) noexcept : submission(owner) {}
        Submission& submission;
    } place{*this};  // among those that wait
};

}  // namespace detail

class Pool {
public:
    // `capacity` <= 0: unlimited. Throws std::system_error with Errc::invalid_pool_expiry or
    // Errc::invalid_preallocate_size.
    explicit Pool(std::int32_t capacity, Options options = {});

    // Releases, so that waiting submitters return with Errc::pool_closed; begins accepted tasks
    // that have not begun; destroys tasks where they are parked at a co_await, and waits for plain
    // ones to return. Not from a task of this pool (asserted).
    ~Pool();

    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // Hand over a task: F is called as f() or f(worker_id), 1 <= worker_id <= capacity, on a
    // carrier. It returns void or Task<>, may be move-only, and lives, unmoved, from its call until
    // its Task has ended. Blocks the calling thread while the pool is full. Refused with, in this
    // order: Errc::pool_closed, Errc::pool_overload, std::errc::resource_deadlock_would_occur (it
    // would have to block a carrier); or with the error of starting the first thread.
    template <class F>
    [[nodiscard]] std::error_code submit(F&& function) {
        detail::TaskBox task(std::forward<F>(function));
        return submit_box(task);
    }

    // The same from a coroutine on any carrier: parks while the pool is full, and goes on on its
    // own carrier. Never resource_deadlock_would_occur.
    template <class F>
    Task<std::error_code> async_submit(F function) {
        // A variable: g++ 12 destroys some temporaries inside a co_await twice.
        detail::Submission submission(*core_, detail::TaskBox(std::move(function)));
        co_return co_await submission;
    }

    std::int32_t running() const;   // workers alive, idle ones included
    std::int32_t free() const;      // how many more there could be; -1: unlimited
    std::int32_t waiting() const;   // submitters that wait
    std::int32_t capacity() const;  // -1: unlimited
    bool is_closed() const;
    std::int32_t carriers() const;  // threads started so far

    // Change the capacity. Growing lets waiting submitters in; shrinking ends surplus idle workers,
    // highest ids first, and running ones as they finish (until then ids above the capacity exist).
    // No effect on an unlimited or preallocated pool, or for n <= 0.
    void tune(std::int32_t n);

    // Close: refuse new tasks, wake waiting submitters with Errc::pool_closed, end idle workers.
    // What runs goes on. A second time: nothing.
    void release();

    // The same, and wait until no worker is left: Errc::timeout if that takes longer. It may be
    // called again to wait again. From a task of this pool, where it would wait for itself:
    // std::errc::resource_deadlock_would_occur, and nothing is released. It blocks the thread: not
    // for a coroutine whose carrier has other things to do.
    std::error_code release(std::chrono::nanoseconds timeout);

    // Open a closed pool again.
    void reboot();

    Statistics statistics() const;
    // One entry for each worker id ever used, by id.
    std::vector<WorkerStatistics> workers() const;

private:
    template <class T>
    friend class FuncPool;
    template <class P>
    friend class MultiPool;

    // A refused task stays in its box.
    [[nodiscard]] std::error_code submit_box(detail::TaskBox& task);

    std::unique_ptr<detail::PoolCore> core_;
};

}  // namespace ants
