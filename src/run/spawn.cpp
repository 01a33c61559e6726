#include "run/spawn.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <new>

// The child runs on a foreign stack and must not call into a sanitizer's runtime.
#define ANTSRUN_IN_CHILD                                                       \
    __attribute__((noinline, no_sanitize("address"), no_sanitize("undefined"), \
                   no_sanitize("thread")))

#if defined(__SANITIZE_THREAD__)
#define ANTSRUN_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ANTSRUN_TSAN 1
#endif
#endif

namespace antsrun {
namespace {

#ifdef ANTSRUN_TSAN
constexpr int kSharing = 0;  // TSan cannot follow a child in our memory
#else
constexpr int kSharing = CLONE_VM | CLONE_VFORK;
#endif

// What the child tells its parent. Lies in memory that is shared even if the child is a copy.
struct Word {
    int exec_errno;
    bool through_shell;
};

// Where the children of one thread run, one after the other.
class ChildStack {
public:
    ChildStack() {
        memory_ = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory_ == MAP_FAILED) {
            throw std::bad_alloc();
        }
    }
    ~ChildStack() { ::munmap(memory_, kSize); }
    ChildStack(const ChildStack&) = delete;
    ChildStack& operator=(const ChildStack&) = delete;

    Word* word() { return static_cast<Word*>(memory_); }
    // Stacks grow downwards; the word lies at the far end.
    void* top() { return static_cast<std::byte*>(memory_) + kSize; }

private:
    static constexpr std::size_t kSize = 64 * 1024;
    void* memory_;
};

struct Errand {
    const SpawnPlan* plan;
    const SpawnSettings* settings;
    Word* word;
};

ANTSRUN_IN_CHILD int give_up(Word* word) {
    word->exec_errno = errno;
    ::_exit(127);
}

ANTSRUN_IN_CHILD bool arrange(const SpawnPlan& plan, const SpawnSettings& settings) {
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != settings.parent) {
        ::_exit(127);
    }
    if (settings.ignore_sigchld) {
        ::signal(SIGCHLD, SIG_IGN);
    }
    if (settings.descriptors) {
        ::setrlimit(RLIMIT_NOFILE, &*settings.descriptors);
    }
    return ::dup2(settings.null.get(), 0) == 0 && (plan.out < 0 || ::dup2(plan.out, 1) == 1) &&
           (plan.err < 0 || ::dup2(plan.err, 2) == 2);
}

// As a shell does: go on to the next place while the file is missing or may not be run.
ANTSRUN_IN_CHILD void execute_first(const SpawnPlan& plan) {
    int denied = 0;
    for (const std::string& file : plan.files) {
        ::execve(file.c_str(), plan.arguments.data(), plan.environment.data());
        if (errno == EACCES) {
            denied = EACCES;
        } else if (errno != ENOENT && errno != ENOTDIR) {
            return;
        }
    }
    if (denied != 0) {
        errno = denied;
    }
}

ANTSRUN_IN_CHILD int run_errand(void* argument) {
    const auto& errand = *static_cast<Errand*>(argument);
    const SpawnPlan& plan = *errand.plan;
    if (!arrange(plan, *errand.settings)) {
        return give_up(errand.word);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    errno = ENOENT;
    execute_first(plan);
    const bool may_ask_shell =
        errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ENOEXEC;
    if (may_ask_shell && !plan.shell.empty()) {
        errand.word->through_shell = true;
        ::execve(plan.shell.c_str(), plan.shell_arguments.data(), plan.environment.data());
    }
    return give_up(errand.word);
}

void reap(pid_t pid) {
    while (::waitpid(pid, nullptr, 0) == -1 && errno == EINTR) {
    }
}

}  // namespace

Result<Spawned> spawn(const SpawnPlan& plan, const SpawnSettings& settings) {
    thread_local ChildStack stack;
    Word* word = stack.word();
    *word = Word{0, false};
    Errand errand{&plan, &settings, word};
    int pidfd = -1;
    const pid_t pid =
        ::clone(run_errand, stack.top(), kSharing | CLONE_PIDFD | SIGCHLD, &errand, &pidfd);
    if (pid == -1) {
        return last_error("start a process");
    }
    UniqueFd exited(pidfd);
    if (word->exec_errno != 0) {
        reap(pid);
        return Error{"execute", word->exec_errno};
    }
    return Spawned{pid, std::move(exited), word->through_shell};
}

bool is_shortage(const Error& error) {
    return error.code == EAGAIN || error.code == ENOMEM || error.code == EMFILE ||
           error.code == ENFILE;
}

}  // namespace antsrun
