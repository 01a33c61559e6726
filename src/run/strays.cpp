#include "run/strays.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include "run/process_tree.hpp"

namespace antsrun {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(20);
// SIGCHLD comes for the leader of each job too: to hear of every one at once would cost more than
// the rest of what control does for a job.
constexpr auto kReapInterval = std::chrono::milliseconds(4);

// Those asked to end already are not asked again.
void ask_to_end(const std::vector<Process>& below, std::vector<Process>& asked) {
    for (const Process& process : below) {
        const bool is_known = std::any_of(asked.begin(), asked.end(), [&](const Process& other) {
            return other.is_same(process);
        });
        if (!is_known) {
            send_signal(process, SIGTERM);
            send_signal(process, SIGCONT);
            asked.push_back(process);
        }
    }
}

}  // namespace

Strays::Strays(std::function<void(pid_t)> on_stopped) : on_stopped_(std::move(on_stopped)) {
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGCHLD);
    signals_ = UniqueFd(::signalfd(-1, &only, SFD_CLOEXEC | SFD_NONBLOCK));
}

ants::Task<> Strays::reap() {
    ::pollfd waiting{signals_.get(), POLLIN, 0};
    for (;;) {
        co_await ants::poll({&waiting, 1});
        reap_dead();
        note_stopped();
        wake_.set();
        co_await ants::sleep_for(kReapInterval);
    }
}

void Strays::reap_dead() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    }
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, nullptr, WNOHANG | __WNOTHREAD)) > 0 ||
           (pid == -1 && errno == EINTR)) {
    }
}

// Exits are left to those who wait for them.
void Strays::note_stopped() {
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid != 0) {
        on_stopped_(info.si_pid);
        info.si_pid = 0;
    }
}

ants::Task<> Strays::end_all(std::chrono::nanoseconds grace) {
    const auto deadline = ants::Clock::now() + grace;
    std::vector<Process> asked;
    for (;;) {
        reap_dead();
        const std::vector<Process> below = processes_below(::getpid());
        if (below.empty()) {
            co_return;
        }
        if (in_hurry_ || ants::Clock::now() >= deadline) {
            for (const Process& process : below) {
                send_signal(process, SIGKILL);
            }
        } else {
            ask_to_end(below, asked);
        }
        wake_.take();
        co_await ants::poll({}, ants::Clock::now() + kLookAgain, &wake_);
    }
}

void Strays::stop_all() {
    for (const Process& process : processes_below(::getpid())) {
        send_signal(process, SIGSTOP);
    }
}

void Strays::continue_all() {
    for (const Process& process : processes_below(::getpid())) {
        send_signal(process, SIGCONT);
    }
}

void Strays::hurry() {
    in_hurry_ = true;
    wake_.set();
}

void kill_all_below() noexcept {
    for (;;) {
        const std::vector<Process> below = processes_below(::getpid());
        if (below.empty()) {
            return;
        }
        for (const Process& process : below) {
            send_signal(process, SIGKILL);
        }
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        ::poll(nullptr, 0, 5);
    }
}

}  // namespace antsrun
