#include "run/process_tree.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace antsrun {
namespace {

// A child that waits to be killed.
pid_t start_child() {
    const pid_t pid = ::fork();
    if (pid == 0) {
        for (;;) {
            ::pause();
        }
    }
    REQUIRE(pid > 0);
    return pid;
}

// The signal that it dies of, if it does within a while; else 0, and it is killed.
int death_of(pid_t pid) {
    int status = 0;
    for (int i = 0; i < 20; ++i) {
        if (::waitpid(pid, &status, WNOHANG) == pid) {
            return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        }
        ::usleep(10'000);
    }
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    return 0;
}

Process process_with(pid_t pid) {
    const auto below = processes_below(::getpid());
    const auto found = std::find_if(below.begin(), below.end(),
                                    [&](const Process& process) { return process.pid == pid; });
    REQUIRE(found != below.end());
    return *found;
}

}  // namespace

TEST_CASE("process_tree: faults 77: a signal is not sent to another process that got the number") {
    const pid_t pid = start_child();
    Process before = process_with(pid);
    CHECK(before.parent == ::getpid());
    CHECK(before.is_same(process_with(pid)));
    before.start_time -= 1;  // one that had the number earlier
    CHECK_FALSE(before.is_same(process_with(pid)));
    send_signal(before, SIGUSR1);
    CHECK(death_of(pid) == 0);
}

TEST_CASE("process_tree: a signal is sent to the process itself, and to nobody when it has ended") {
    const pid_t pid = start_child();
    const Process process = process_with(pid);
    send_signal(process, SIGUSR1);
    CHECK(death_of(pid) == SIGUSR1);
    send_signal(process, SIGUSR1);
}

TEST_CASE("process_tree: what is spared is left out, with what is below it") {
    const pid_t spared = start_child();
    const pid_t other = start_child();
    const auto below = processes_below(::getpid(), {spared});
    const auto has = [&](pid_t pid) {
        return std::any_of(below.begin(), below.end(),
                           [&](const Process& process) { return process.pid == pid; });
    };
    CHECK_FALSE(has(spared));
    CHECK(has(other));
    const auto children = children_of_self();
    CHECK(std::count(children.begin(), children.end(), spared) == 1);
    for (const pid_t pid : {spared, other}) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
}

}  // namespace antsrun
