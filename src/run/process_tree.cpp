#include "run/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/fd.hpp"

namespace antsrun {
namespace {

// /proc/PID/stat has the parent, group and session in its fourth field and the next, the start time
// in the 22nd; the second, the name in parentheses, may contain anything, so count from the last
// parenthesis.
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
        std::sscanf(rest + 1,
                    " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                    &process.state, &process.parent, &process.group, &process.session,
                    &process.start_time) != 5) {
        return std::nullopt;
    }
    return process;
}

// The entries of a directory that are numbers.
std::vector<pid_t> numbers_in(const char* path) {
    std::vector<pid_t> numbers;
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path), ::closedir);
    while (directory != nullptr) {
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) {
            break;
        }
        if (const pid_t number = std::atoi(entry->d_name); number > 0) {
            numbers.push_back(number);
        }
    }
    return numbers;
}

std::vector<Process> all_processes() {
    std::vector<Process> all;
    for (const pid_t pid : numbers_in("/proc")) {
        if (auto process = look_at(pid)) {
            all.push_back(*process);
        }
    }
    return all;
}

bool is_dead(const Process& process) { return process.state == 'Z' || process.state == 'X'; }

bool is_in(const std::vector<pid_t>& pids, pid_t pid) {
    return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

std::string read_all(const char* path) {
    const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 16 * 1024> buffer{};
    for (ssize_t n = 0; file && (n = ::read(file.get(), buffer.data(), buffer.size())) > 0;) {
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return text;
}

std::uint64_t job_of(pid_t pid, pid_t visible_pid) {
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%d/environ", pid);
    const std::string text = '\0' + read_all(path);
    const std::string run = fmt::format("{}ANTSRUN_PID={}{}", '\0', visible_pid, '\0');
    constexpr std::string_view kSeq("\0ANTSRUN_SEQ=", 13);
    const auto seq = text.find(kSeq);
    const bool is_ours = seq != std::string::npos && text.find(run) != std::string::npos;
    return is_ours ? std::strtoull(text.c_str() + seq + kSeq.size(), nullptr, 10) : 0;
}

void add_children(pid_t pid, pid_t thread, std::vector<pid_t>& children) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, thread);
    const std::string text = read_all(path);
    for (const char* rest = text.c_str(); *rest != '\0';) {
        char* end = nullptr;
        const long child = std::strtol(rest, &end, 10);
        if (end == rest) {
            break;
        }
        if (!is_in(children, static_cast<pid_t>(child))) {
            children.push_back(static_cast<pid_t>(child));
        }
        rest = end + std::strspn(end, " ");
    }
}

bool can_list_children() {
    static const bool can = ::access("/proc/thread-self/children", R_OK) == 0;
    return can;
}

// Of all its threads.
std::vector<pid_t> children_of(pid_t pid) {
    std::vector<pid_t> children;
    if (!can_list_children()) {
        for (const Process& process : all_processes()) {
            if (process.parent == pid) {
                children.push_back(process.pid);
            }
        }
        return children;
    }
    char path[32];
    std::snprintf(path, sizeof path, "/proc/%d/task", pid);
    for (const pid_t thread : numbers_in(path)) {
        add_children(pid, thread, children);
    }
    return children;
}

// What the core has adopted. The kernel may leave out one of the list when another ends meanwhile:
// hardly the same one twice.
std::vector<pid_t> orphans() {
    if (!can_list_children()) {
        return children_of(::getpid());
    }
    std::vector<pid_t> orphans;
    add_children(::getpid(), ::getpid(), orphans);
    add_children(::getpid(), ::getpid(), orphans);
    return orphans;
}

}  // namespace

JobTree::JobTree(pid_t leader, pid_t visible_pid, std::uint64_t seq)
    : leader_(leader), visible_pid_(visible_pid), seq_(seq) {}

std::vector<Process> JobTree::look() {
    std::vector<Process> living;
    const auto add = [&](pid_t pid, bool is_child) {
        const auto process = look_at(pid);
        if (process && !is_dead(*process) && (is_child || is_member(*process))) {
            living.push_back(*process);
        }
    };
    add(leader_, true);
    for (const pid_t orphan : orphans()) {
        add(orphan, false);
    }
    for (std::size_t next = 0; next < living.size(); ++next) {
        for (const pid_t child : children_of(living[next].pid)) {
            add(child, true);
        }
    }
    for (const Process& process : living) {
        if (!has_seen(process)) {
            seen_.push_back(process);
        }
    }
    return living;
}

bool JobTree::is_member(const Process& process) const {
    return process.session == leader_ || process.group == leader_ || has_seen(process) ||
           job_of(process.pid, visible_pid_) == seq_;
}

bool JobTree::has_seen(const Process& process) const {
    return std::any_of(seen_.begin(), seen_.end(),
                       [&](const Process& other) { return other.is_same(process); });
}

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
            if (is_in(spare, process->pid)) {
                continue;
            }
            parents.push_back(process->pid);
            if (!is_dead(*process)) {
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

bool is_stopped(pid_t pid) {
    const auto process = look_at(pid);
    return process && process->state == 'T';
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
