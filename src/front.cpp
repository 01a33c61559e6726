#include "front.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "run/process_tree.hpp"

namespace antsrun {
namespace {

constexpr std::array kEnding{SIGINT, SIGTERM, SIGHUP};
constexpr std::array kTuning{SIGUSR1, SIGUSR2};    // a slot more, a slot less
constexpr std::array kStopping{SIGTSTP, SIGCONT};  // Ctrl-Z, and on it goes
// How long the core may take after a second signal.
constexpr int kPatienceMilliseconds = 2000;

const sigset_t kStopOnly = [] {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGTSTP);
    return set;
}();

bool is_ignored(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void block_signals(const StartState& state) {
    sigset_t blocked = state.relayed;
    for (const int signal : {SIGCHLD, SIGPIPE, SIGXFSZ}) {
        ::sigaddset(&blocked, signal);
    }
    ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
    if (state.sigchld_ignored) {
        ::signal(SIGCHLD, SIG_DFL);  // ignored, it would make every wait fail
    }
}

[[noreturn]] void die_by(int signal) {
    if (::getpid() == 1) {
        ::_exit(128 + signal);  // the kernel protects pid 1 from its own signals
    }
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(signal, SIG_DFL);
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, signal);
    ::raise(signal);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    ::_exit(128 + signal);
}

// Where the front hears of signals. Without them it would wait for ever.
struct FrontSignals {
    UniqueFd all;    // but SIGTSTP
    UniqueFd stops;  // readable while a SIGTSTP is pending; never read. Empty: it is ignored

    static Result<FrontSignals> open(const StartState& state) {
        FrontSignals signals;
        sigset_t watched = state.relayed;
        ::sigaddset(&watched, SIGCHLD);
        if (::sigismember(&watched, SIGTSTP) == 1) {
            ::sigdelset(&watched, SIGTSTP);
            signals.stops = UniqueFd(::signalfd(-1, &kStopOnly, SFD_CLOEXEC | SFD_NONBLOCK));
            if (!signals.stops) {
                return last_error("cannot watch signals");
            }
        }
        signals.all = UniqueFd(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
        if (!signals.all) {
            return last_error("cannot watch signals");
        }
        return signals;
    }
};

class Front {
public:
    Front(FrontSignals signals, pid_t core, UniqueFd socket, std::vector<pid_t> spare)
        : core_(core),
          socket_(std::move(socket)),
          signals_(std::move(signals.all)),
          stops_(std::move(signals.stops)),
          spare_(std::move(spare)) {}

    [[noreturn]] void run() {
        while (!core_status_) {
            pollfd waiting[]{{signals_.get(), POLLIN, 0},
                             {has_word_ended_ ? -1 : socket_.get(), POLLIN, 0},
                             {is_to_stop_ ? -1 : stops_.get(), POLLIN, 0}};
            const int ready = ::poll(waiting, 3, signals_seen_ >= 2 ? kPatienceMilliseconds : -1);
            if (ready == 0) {
                ::kill(core_, SIGKILL);
            }
            if (waiting[2].revents != 0) {
                is_to_stop_ = true;
                tell_core(SIGTSTP);
            }
            hear_core();
            take_signals();
        }
        hear_core();
        end(verdict_);
    }

private:
    // The core has ended, with this last word or without one.
    [[noreturn]] void end(const std::optional<Verdict>& verdict) {
        if (!verdict) {
            end_everything();
            if (last_signal_ != 0) {
                die_by(last_signal_);
            }
            constexpr std::string_view kMessage =
                "antsrun: the process that runs the jobs died; all jobs were ended\n";
            write_all(2, kMessage);
            ::_exit(255);
        }
        if (::getpid() == 1) {
            end_everything();
        }
        if (verdict->signal != 0) {
            die_by(verdict->signal);
        }
        ::_exit(verdict->exit_status);
    }

    void hear_core() {
        Verdict word;
        ssize_t size = 0;
        while ((size = ::recv(socket_.get(), &word, sizeof word, MSG_DONTWAIT)) > 0) {
            if (size == sizeof word) {
                verdict_ = word;
            } else {
                stop();
            }
        }
        has_word_ended_ = size == 0;
    }

    // The signal that asks for it was left pending until here, so that a SIGCONT could take it
    // back.
    void stop() {
        ::sigprocmask(SIG_UNBLOCK, &kStopOnly, nullptr);
        ::sigprocmask(SIG_BLOCK, &kStopOnly, nullptr);
        is_to_stop_ = false;
        tell_core(SIGCONT);  // nobody else does where there is no shell to stop for
    }

    void tell_core(int signal) {
        const char byte = static_cast<char>(signal);
        ::send(socket_.get(), &byte, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    void take_signals() {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
            const int signal = static_cast<int>(info.ssi_signo);
            if (signal == SIGCHLD) {
                reap();
                continue;
            }
            if (std::find(kEnding.begin(), kEnding.end(), signal) != kEnding.end()) {
                ++signals_seen_;
                last_signal_ = signal;
            }
            tell_core(signal);
        }
    }

    // The core, orphans adopted after its death, and whatever was our child before we were antsrun.
    void reap() {
        int status = 0;
        pid_t pid = 0;
        while ((pid = ::waitpid(-1, &status, WNOHANG)) > 0 || (pid == -1 && errno == EINTR)) {
            if (pid == core_) {
                core_status_ = status;
            }
        }
    }

    void end_everything() {
        for (;;) {
            const auto below = processes_below(::getpid(), spare_);
            if (below.empty()) {
                return;
            }
            for (const Process& process : below) {
                send_signal(process, SIGKILL);
            }
            pollfd waiting{signals_.get(), POLLIN, 0};
            ::poll(&waiting, 1, 10);
            take_signals();
        }
    }

    const pid_t core_;
    const UniqueFd socket_;
    const UniqueFd signals_;
    const UniqueFd stops_;
    const std::vector<pid_t> spare_;  // children the caller gave us: not ours to end
    std::optional<int> core_status_;
    std::optional<Verdict> verdict_;
    bool has_word_ended_ = false;  // the core has closed its end
    bool is_to_stop_ = false;      // as soon as the core has stopped the jobs
    int signals_seen_ = 0;
    int last_signal_ = 0;
};

// The readers and writers at the other ends must see the core's doings alone.
void give_up_standard_streams() {
    const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ::dup2(null.get(), 0);
    ::dup2(null.get(), 1);
}

}  // namespace

StartState StartState::look() {
    StartState state;
    state.sigchld_ignored = is_ignored(SIGCHLD);
    state.sigpipe_ignored = is_ignored(SIGPIPE);
    ::sigemptyset(&state.relayed);
    const auto relay = [&](int signal) {
        if (!is_ignored(signal)) {
            ::sigaddset(&state.relayed, signal);
        }
    };
    std::for_each(kEnding.begin(), kEnding.end(), relay);
    std::for_each(kTuning.begin(), kTuning.end(), relay);
    std::for_each(kStopping.begin(), kStopping.end(), relay);
    return state;
}

void FrontLink::say_stopped() const noexcept {
    const char word = 0;
    ::send(socket.get(), &word, sizeof word, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void FrontLink::send(Verdict verdict) const noexcept {
    ::send(socket.get(), &verdict, sizeof verdict, MSG_NOSIGNAL);
}

Result<FrontLink> split_off_core(const StartState& state) {
    std::vector<pid_t> spare = children_of_self();
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        return last_error("socketpair");
    }
    UniqueFd front_end(ends[0]);
    UniqueFd core_end(ends[1]);
    auto signals = FrontSignals::open(state);
    if (!signals) {
        return signals.error();
    }
    block_signals(state);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t front = ::getpid();
    const pid_t core = ::fork();
    if (core == -1) {
        return last_error("cannot start a second process");
    }
    if (core == 0) {
        front_end.reset();
        *signals = {};
        ::setsid();
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        return FrontLink{std::move(core_end), front};
    }
    core_end.reset();
    give_up_standard_streams();
    Front(std::move(*signals), core, std::move(front_end), std::move(spare)).run();
}

}  // namespace antsrun
