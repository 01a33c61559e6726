#include "base/cpus.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/cgroup.hpp"

namespace antsrun {
namespace {

constexpr int kMostJobs = 100'000;
// What a running job costs us: two pipes, a pidfd, and one to spare.
constexpr std::uint64_t kDescriptorsPerJob = 4;
constexpr std::uint64_t kReserve = 64;

double cpu_quota(const std::string& directory) {
    double quota = std::numeric_limits<double>::infinity();
    if (const auto line = first_line(directory + "/cpu.max")) {  // "QUOTA PERIOD" or "max PERIOD"
        const auto blank = line->find(' ');
        const auto most = number(*line);
        const auto period =
            blank == std::string::npos ? std::nullopt : number(line->substr(blank + 1));
        if (most && period && *most > 0 && *period > 0) {
            quota = *most / *period;
        }
    }
    const auto v1 = first_line(directory + "/cpu.cfs_quota_us");
    const auto v1_period = first_line(directory + "/cpu.cfs_period_us");
    if (v1 && v1_period) {
        const auto most = number(*v1);
        const auto period = number(*v1_period);
        if (most && period && *most > 0 && *period > 0) {
            quota = std::min(quota, *most / *period);
        }
    }
    return quota;
}

int affinity_cpus() {
    const long configured = ::sysconf(_SC_NPROCESSORS_CONF);
    const int count = static_cast<int>(std::max(1024L, configured));
    cpu_set_t* const set = CPU_ALLOC(static_cast<std::size_t>(count));
    const std::size_t size = CPU_ALLOC_SIZE(static_cast<std::size_t>(count));
    const bool known = ::sched_getaffinity(0, size, set) == 0;
    const int cpus =
        known ? CPU_COUNT_S(size, set) : static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
    CPU_FREE(set);
    return std::max(1, cpus);
}

// Processes and threads of this user: the kernel counts both against RLIMIT_NPROC.
std::uint64_t limit_of_processes() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NPROC, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return kMostJobs;
    }
    return limit.rlim_cur;
}

std::uint64_t less(std::uint64_t limit, std::uint64_t used) {
    return limit > used ? limit - used : 0;
}

}  // namespace

int available_cpus(const std::string& root) {
    double cpus = affinity_cpus();
    for_each_group_of(root, "cpu", [&](const std::string& directory) {
        cpus = std::min(cpus, std::ceil(cpu_quota(directory)));
    });
    return std::max(1, static_cast<int>(cpus));
}

int most_jobs(const std::string& root) {
    std::uint64_t most = less(limit_of_processes(), kReserve);
    rlimit descriptors{};
    if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur != RLIM_INFINITY) {
        most = std::min(most, less(descriptors.rlim_cur, kReserve) / kDescriptorsPerJob);
    }
    for_each_group_of(root, "pids", [&](const std::string& directory) {
        const auto limit = first_line(directory + "/pids.max");
        const auto used = first_line(directory + "/pids.current");
        const auto limit_number = limit ? number(*limit) : std::nullopt;
        if (limit_number && used) {
            most = std::min(most, less(static_cast<std::uint64_t>(*limit_number),
                                       static_cast<std::uint64_t>(number(*used).value_or(0))));
        }
    });
    return static_cast<int>(std::clamp<std::uint64_t>(most, 1, kMostJobs));
}

std::optional<rlimit> raise_descriptor_limit() {
    rlimit before{};
    if (::getrlimit(RLIMIT_NOFILE, &before) != 0 || before.rlim_cur == before.rlim_max) {
        return std::nullopt;
    }
    const rlimit wanted{before.rlim_max, before.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &wanted) != 0) {
        return std::nullopt;
    }
    return before;
}

}  // namespace antsrun
