#include "base/pressure.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace antsrun {
namespace {

// A root directory of our own with these files.
class Root {
public:
    ~Root() { std::filesystem::remove_all(path_); }
    void write(const std::string& name, const std::string& text) const {
        const std::string path = path_ + name;
        std::filesystem::create_directories(path.substr(0, path.rfind('/')));
        std::ofstream(path) << text;
    }
    const std::string& path() const { return path_; }

private:
    const std::string path_ = "pressure_test_root";
};

TEST_CASE("pressure: threads that want to run, ourselves not counted") {
    const Root root;
    CHECK_FALSE(runnable_threads(root.path()));
    root.write("/proc/loadavg", "0.20 0.18 0.12 3/80 11206\n");
    CHECK(runnable_threads(root.path()) == 2.0);
    root.write("/proc/loadavg", "0.20 0.18 0.12 0/80 11206\n");
    CHECK(runnable_threads(root.path()) == 0.0);
    CHECK(runnable_threads());
}

TEST_CASE("pressure: memory of the machine, and of the control groups where that is less") {
    const Root root;
    CHECK_FALSE(available_memory(root.path()));
    root.write("/proc/meminfo", "MemTotal:  200 kB\nMemFree: 5 kB\nMemAvailable:    100 kB\n");
    CHECK(available_memory(root.path()) == 102'400);
    root.write("/proc/self/cgroup", "0::/a/b\n");
    root.write("/sys/fs/cgroup/a/b/memory.max", "max\n");
    root.write("/sys/fs/cgroup/a/b/memory.current", "5\n");
    CHECK(available_memory(root.path()) == 102'400);
    root.write("/sys/fs/cgroup/a/memory.max", "90000\n");
    root.write("/sys/fs/cgroup/a/memory.current", "50000\n");
    CHECK(available_memory(root.path()) == 40'000);
    root.write("/sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 2000\n");
    CHECK(available_memory(root.path()) == 42'000);
    root.write("/sys/fs/cgroup/a/memory.current", "99999\n");
    root.write("/sys/fs/cgroup/a/memory.stat", "");
    CHECK(available_memory(root.path()) == 0);
}

TEST_CASE("pressure: memory in cgroup v1") {
    const Root root;
    root.write("/proc/self/cgroup", "4:memory:/x\n");
    root.write("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "3000\n");
    root.write("/sys/fs/cgroup/memory/x/memory.usage_in_bytes", "1000\n");
    root.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    root.write("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n");
    CHECK(available_memory(root.path()) == 2000);
}

}  // namespace
}  // namespace antsrun
