#include "run/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.hpp"

namespace antsrun {
namespace {

// The fourth field of /proc/PID/stat is the parent, the 22nd the start time; the second, the name
// in parentheses, may contain anything, so count from the last parenthesis.
std::optional<Process> look_at(pid_t pid) {
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    char text[1024];
    const ssize_t length = file ? ::read(file.get(), text, sizeof text - 1) : -1;
    if (length <= 0) {
        return std::nullopt;
    }
    text[length] = '\0';
    const char* rest = std::strrchr(text, ')');
    Process process{.pid = pid};
    if (rest == nullptr ||
        std::sscanf(
            rest + 1,
            " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
            &process.state, &process.parent, &process.start_time) != 3) {
        return std::nullopt;
    }
    return process;
}

std::vector<Process> all_processes() {
    std::vector<Process> all;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"), ::closedir);
    while (directory != nullptr) {
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) {
            break;
        }
        if (const pid_t pid = std::atoi(entry->d_name); pid > 0) {
            if (auto process = look_at(pid)) {
                all.push_back(*process);
            }
        }
    }
    return all;
}

}  // namespace

std::vector<Process> processes_below(pid_t root, const std::vector<pid_t>& spare) {
    std::vector<Process> all = all_processes();
    const auto by_parent = [](const Process& a, const Process& b) { return a.parent < b.parent; };
    std::sort(all.begin(), all.end(), by_parent);
    std::vector<pid_t> parents{root};
    std::vector<Process> below;
    for (std::size_t next = 0; next < parents.size(); ++next) {
        const Process key{.parent = parents[next]};
        const auto [first, last] = std::equal_range(all.begin(), all.end(), key, by_parent);
        for (auto process = first; process != last; ++process) {
            if (std::find(spare.begin(), spare.end(), process->pid) != spare.end()) {
                continue;
            }
            parents.push_back(process->pid);
            if (process->state != 'Z' && process->state != 'X') {
                below.push_back(*process);
            }
        }
    }
    return below;
}

std::vector<pid_t> children_of_self() {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == -1) {
        return {};  // ECHILD: none, the usual case, without a look at /proc
    }
    std::vector<pid_t> children;
    for (const Process& process : all_processes()) {
        if (process.parent == ::getpid()) {
            children.push_back(process.pid);
        }
    }
    return children;
}

void send_signal(const Process& process, int signal) noexcept {
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
    if (!pidfd) {
        return;
    }
    const auto now = look_at(process.pid);
    if (now && now->start_time == process.start_time) {
        ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
    }
}

}  // namespace antsrun
