// What a task costs: the pool beside a plain thread pool, as one table.
//
//     bench_pool [ROUNDS [TASKS]]    medians of so many rounds (5); 1,000,000 tasks in each
//
// Every measurement has a process of its own, so that its peak memory is its own too; in a round
// the rows take turns, so what disturbs the machine disturbs them alike. The time is from the first
// submission until the last task has ended; starting and joining threads is part of it.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ants/ants.hpp"

namespace {

using namespace std::chrono_literals;

constexpr auto kNap = 10ms;
constexpr std::int32_t kManyWorkers = 50'000;
constexpr std::int32_t kSomeWorkers = 1'000;

// ---- What is measured
// ----------------------------------------------------------------------------

ants::Task<> nap() { co_await ants::sleep_for(kNap); }

void check(std::error_code refused) {
    if (refused) {
        std::fprintf(stderr, "bench_pool: refused: %s\n", refused.message().c_str());
        std::exit(1);
    }
}

// Until the last task has ended.
void finish(ants::Pool& pool) { check(pool.release(10min)); }

template <class F>
void from_thread(std::int32_t capacity, int tasks, F task) {
    ants::Pool pool(capacity);
    for (int i = 0; i < tasks; ++i) {
        check(pool.submit(task));
    }
    finish(pool);
}

template <class F>
ants::Task<> submit_all(ants::Pool& pool, int tasks, F task) {
    for (int i = 0; i < tasks; ++i) {
        check(co_await pool.async_submit(task));
    }
}

template <class F>
void from_coroutine(std::int32_t capacity, int tasks, F task) {
    ants::Pool pool(capacity);
    ants::Carrier control;
    control.run(submit_all(pool, tasks, task));
    finish(pool);
}

// The peer: threads, a mutex, two condition variables, a bounded queue.
class ThreadPool {
public:
    ThreadPool(std::size_t threads, std::size_t room) : room_(room) {
        while (threads_.size() < threads) {
            threads_.emplace_back([this] { work(); });
        }
    }
    ~ThreadPool() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        not_empty_.notify_all();
        for (std::thread& thread : threads_) {
            thread.join();
        }
    }
    void submit(std::function<void()> task) {
        {
            std::unique_lock lock(mutex_);
            not_full_.wait(lock, [&] { return queue_.size() < room_; });
            queue_.push_back(std::move(task));
        }
        not_empty_.notify_one();
    }

private:
    void work() {
        for (;;) {
            std::function<void()> task;
            {
                std::unique_lock lock(mutex_);
                not_empty_.wait(lock, [&] { return closed_ || !queue_.empty(); });
                if (queue_.empty()) {
                    return;
                }
                task = std::move(queue_.front());
                queue_.pop_front();
            }
            not_full_.notify_one();
            task();
        }
    }

    const std::size_t room_;
    std::mutex mutex_;
    std::condition_variable not_empty_;
    std::condition_variable not_full_;
    std::deque<std::function<void()>> queue_;  // with mutex_
    bool closed_ = false;                      // with mutex_
    std::vector<std::thread> threads_;
};

template <class F>
void from_thread_to_threads(std::size_t threads, int tasks, F task) {
    ThreadPool pool(threads, kSomeWorkers);
    for (int i = 0; i < tasks; ++i) {
        pool.submit(task);
    }
}

// ---- Measuring
// -----------------------------------------------------------------------------------

struct Row {
    const char* what;
    int divisor;  // how many times fewer tasks than asked for
    std::function<void(int tasks)> run;
};

struct Figures {
    double seconds = 0;
    double cpu_seconds = 0;
    double megabytes = 0;
};

double to_seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

Figures measure(const Row& row, int tasks) {
    int pipe[2];
    if (::pipe(pipe) != 0) {
        std::perror("bench_pool: pipe");
        std::exit(1);
    }
    const pid_t child = ::fork();
    if (child == 0) {
        const auto begun = std::chrono::steady_clock::now();
        row.run(tasks / row.divisor);
        const double took =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
        ::_exit(::write(pipe[1], &took, sizeof took) == sizeof took ? 0 : 1);
    }
    ::close(pipe[1]);
    Figures figures;
    const bool answered = ::read(pipe[0], &figures.seconds, sizeof figures.seconds) > 0;
    ::close(pipe[0]);
    int status = 0;
    rusage usage{};
    if (::wait4(child, &status, 0, &usage) != child || status != 0 || !answered) {
        std::fprintf(stderr, "bench_pool: %s: failed\n", row.what);
        std::exit(1);
    }
    figures.cpu_seconds = to_seconds(usage.ru_utime) + to_seconds(usage.ru_stime);
    figures.megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
    return figures;
}

double median(std::vector<Figures> all, double Figures::*figure) {
    std::sort(all.begin(), all.end(),
              [&](const Figures& a, const Figures& b) { return a.*figure < b.*figure; });
    return all[all.size() / 2].*figure;
}

void print(const Row& row, int tasks, const std::vector<Figures>& all) {
    const double seconds = median(all, &Figures::seconds);
    const double cpu = median(all, &Figures::cpu_seconds);
    const int count = tasks / row.divisor;
    std::printf("%-52s %9d %9.3f %9.0f %9.0f %8.1f\n", row.what, count, seconds,
                1e9 * seconds / count, 1e9 * cpu / count, median(all, &Figures::megabytes));
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    const int tasks = argc > 2 ? std::atoi(argv[2]) : 1'000'000;
    if (rounds < 1 || tasks < 100) {
        std::fputs("usage: bench_pool [ROUNDS [TASKS]]\n", stderr);
        return 2;
    }
    const auto nothing = [] {};
    const auto nothing_parking = []() -> ants::Task<> { co_return; };
    const auto sleep = [] { std::this_thread::sleep_for(kNap); };
    const std::vector<Row> rows = {
        {"sleep 10 ms, capacity 50,000, from a thread", 1,
         [](int n) { from_thread(kManyWorkers, n, nap); }},
        {"sleep 10 ms, capacity 50,000, from a coroutine", 1,
         [](int n) { from_coroutine(kManyWorkers, n, nap); }},
        {"  peer: 1,000 threads", 10,
         [&](int n) { from_thread_to_threads(kSomeWorkers, n, sleep); }},
        {"empty, capacity 1,000, from a thread", 1,
         [&](int n) { from_thread(kSomeWorkers, n, nothing); }},
        {"empty, capacity 1,000, from a coroutine", 1,
         [&](int n) { from_coroutine(kSomeWorkers, n, nothing); }},
        {"empty coroutine, capacity 1,000, from a thread", 1,
         [&](int n) { from_thread(kSomeWorkers, n, nothing_parking); }},
        {"empty coroutine, capacity 1,000, from a coroutine", 1,
         [&](int n) { from_coroutine(kSomeWorkers, n, nothing_parking); }},
        {"  peer: as many threads as CPUs", 1,
         [&](int n) { from_thread_to_threads(std::thread::hardware_concurrency(), n, nothing); }},
    };
    std::vector<std::vector<Figures>> all(rows.size());
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            all[i].push_back(measure(rows[i], tasks));
        }
    }
    std::printf("%-52s %9s %9s %9s %9s %8s\n", "what", "tasks", "seconds", "ns/task", "CPU ns",
                "peak MB");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        print(rows[i], tasks, all[i]);
    }
    return 0;
}
