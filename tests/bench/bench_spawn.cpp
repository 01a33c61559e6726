// The spawn limit: how fast can this machine start processes and wait for them, with nothing around
// it?
//
//     bench_spawn THREADS COUNT COMMAND [ARGUMENT...]
//
// Starts COMMAND COUNT times from so many threads, one after the other in each, by vfork, execve
// and waitpid. Prints the seconds it took.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

// noinline: the child runs on in this frame, so nothing else may live in it.
[[gnu::noinline]] pid_t start(char** words) {
    const pid_t pid = ::vfork();
    if (pid == 0) {
        ::execve(words[0], words, environ);
        ::_exit(127);
    }
    return pid;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("usage: bench_spawn THREADS COUNT COMMAND [ARGUMENT...]\n", stderr);
        return 2;
    }
    std::atomic<int> left{std::atoi(argv[2])};
    std::atomic<bool> failed{false};
    const auto begun = std::chrono::steady_clock::now();
    std::vector<std::thread> threads;
    for (int i = 0; i < std::atoi(argv[1]); ++i) {
        threads.emplace_back([&] {
            while (left.fetch_sub(1) > 0) {
                int status = 0;
                const pid_t pid = start(argv + 3);
                if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0) {
                    failed = true;
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::printf("%.6f\n", took.count());
    return failed ? 1 : 0;
}
