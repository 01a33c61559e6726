#include "base/pressure.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/cgroup.hpp"

namespace antsrun {
namespace {

std::optional<std::uint64_t> memory_of_machine(const std::string& root) {
    std::ifstream file(root + "/proc/meminfo");
    for (std::string line; std::getline(file, line);) {
        constexpr std::string_view kName = "MemAvailable:";
        if (line.starts_with(kName)) {
            const auto kibibytes = number(line.substr(kName.size()));
            return kibibytes ? std::optional(static_cast<std::uint64_t>(*kibibytes) * 1024)
                             : std::nullopt;
        }
    }
    return std::nullopt;
}

// Of what is used, the cache of files that can be dropped at once.
double inactive_files(const std::string& directory) {
    std::ifstream file(directory + "/memory.stat");
    for (std::string line; std::getline(file, line);) {
        for (const std::string_view name : {"inactive_file ", "total_inactive_file "}) {
            if (line.starts_with(name)) {
                return number(line.substr(name.size())).value_or(0);
            }
        }
    }
    return 0;
}

}  // namespace

std::optional<double> runnable_threads(const std::string& root) {
    const auto line = first_line(root + "/proc/loadavg");  // "0.20 0.18 0.12 3/80 11206"
    if (!line) {
        return std::nullopt;
    }
    std::istringstream words(*line);
    std::string word;
    for (int i = 0; i < 4; ++i) {
        words >> word;
    }
    const auto running = number(word);
    return running ? std::optional(std::max(0.0, *running - 1)) : std::nullopt;
}

std::optional<std::uint64_t> available_memory(const std::string& root) {
    auto least = memory_of_machine(root);
    for_each_group_of(root, "memory", [&](const std::string& directory) {
        auto most = first_line(directory + "/memory.max");
        auto used = first_line(directory + "/memory.current");
        if (!most) {
            most = first_line(directory + "/memory.limit_in_bytes");
            used = first_line(directory + "/memory.usage_in_bytes");
        }
        const auto limit = most ? number(*most) : std::nullopt;
        const auto taken = used ? number(*used) : std::nullopt;
        if (limit && taken) {
            const double left = std::max(0.0, *limit - *taken + inactive_files(directory));
            const auto bytes = static_cast<std::uint64_t>(std::min(left, 1e18));
            least = std::min(least.value_or(bytes), bytes);
        }
    });
    return least;
}

}  // namespace antsrun
