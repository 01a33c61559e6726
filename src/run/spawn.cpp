#include "run/spawn.hpp"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
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
    bool has_no_directory;
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

// From this descriptor on the table of descriptors is not copied for the child but shared with it
// until it has taken the first few: with thousands open the copy costs more than all the rest.
constexpr int kMany = 256;

// Two low descriptors of one thread, where the child finds its output if it takes only those.
class Landing {
public:
    explicit Landing(int null)
        : null_(null),
          out_(::fcntl(null, F_DUPFD_CLOEXEC, 3)),
          err_(::fcntl(null, F_DUPFD_CLOEXEC, 3)) {}

    // The child needs those below this, and no others. 0: it does not work.
    int end() const { return out_ && err_ ? std::max({null_, out_.get(), err_.get()}) + 1 : 0; }
    int put_out(int descriptor) { return put(descriptor, out_.get()); }
    int put_err(int descriptor) { return put(descriptor, err_.get()); }
    void clear() {
        put(null_, out_.get());
        put(null_, err_.get());
    }

private:
    static int put(int descriptor, int place) {
        return descriptor > 2 ? ::dup3(descriptor, place, O_CLOEXEC) : descriptor;
    }

    const int null_;
    const UniqueFd out_;
    const UniqueFd err_;
};

struct Errand {
    const SpawnPlan* plan;
    const SpawnSettings* settings;
    Word* word;
    int out;
    int err;
    // Not 0: the table is shared; take the descriptors below this.
    int end = 0;
};

ANTSRUN_IN_CHILD int give_up(Word* word) {
    word->exec_errno = errno;
    ::_exit(127);
}

ANTSRUN_IN_CHILD bool take_descriptors(unsigned end) {
    return ::syscall(SYS_close_range, end, ~0U, CLOSE_RANGE_UNSHARE) == 0 ||
           ::unshare(CLONE_FILES) == 0;  // close_range may be denied
}

ANTSRUN_IN_CHILD bool arrange(const Errand& errand) {
    const SpawnSettings& settings = *errand.settings;
    if (errand.end != 0 && !take_descriptors(static_cast<unsigned>(errand.end))) {
        return false;
    }
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
    if (settings.priority && ::setpriority(PRIO_PROCESS, 0, *settings.priority) != 0) {
        return false;
    }
    const std::string& directory = errand.plan->directory;
    if (!directory.empty() && ::chdir(directory.c_str()) != 0) {
        errand.word->has_no_directory = true;
        return false;
    }
    const int in = errand.plan->in >= 0 ? errand.plan->in : settings.input.get();
    return ::dup2(in, 0) == 0 && (errand.out < 0 || ::dup2(errand.out, 1) == 1) &&
           (errand.err < 0 || ::dup2(errand.err, 2) == 2);
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
    if (!arrange(errand)) {
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

int highest_inherited() {
    int highest = 2;
    if (DIR* const open = ::opendir("/proc/self/fd")) {
        while (const dirent* entry = ::readdir(open)) {
            const int descriptor = std::atoi(entry->d_name);
            const int flags = ::fcntl(descriptor, F_GETFD);
            if (flags != -1 && (flags & FD_CLOEXEC) == 0) {
                highest = std::max(highest, descriptor);
            }
        }
        ::closedir(open);
    }
    return highest;
}

Result<Spawned> spawn(const SpawnPlan& plan, const SpawnSettings& settings) {
    thread_local ChildStack stack;
    thread_local Landing landing(settings.input.get());
    Word* word = stack.word();
    *word = Word{0, false, false};
    Errand errand{&plan, &settings, word, plan.out, plan.err};
    const bool shares_table =
        kSharing != 0 && plan.out >= kMany && plan.in == -1 && landing.end() != 0;
    if (shares_table) {
        errand.out = landing.put_out(plan.out);
        errand.err = landing.put_err(plan.err);
        errand.end = std::max(landing.end(), settings.highest_inherited + 1);
        if (errand.out == -1 || errand.err == -1) {
            return last_error("start a process");
        }
    }
    const int flags = kSharing | (shares_table ? CLONE_FILES : 0) | CLONE_PIDFD | SIGCHLD;
    int pidfd = -1;
    const pid_t pid = ::clone(run_errand, stack.top(), flags, &errand, &pidfd);
    const int error = errno;
    if (shares_table) {
        landing.clear();
    }
    if (pid == -1) {
        return Error{"start a process", error};
    }
    UniqueFd exited(pidfd);
    if (word->exec_errno != 0) {
        reap(pid);
        return Error{word->has_no_directory ? "change directory" : "execute", word->exec_errno};
    }
    return Spawned{pid, std::move(exited), word->through_shell};
}

bool is_shortage(const Error& error) {
    return error.code == EAGAIN || error.code == ENOMEM || error.code == EMFILE ||
           error.code == ENFILE;
}

}  // namespace antsrun
