#include "base/cpus.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace antsrun {
namespace {

// A fake root directory, gone at the end.
class Tree {
public:
    Tree()
        : root_(std::filesystem::temp_directory_path() /
                ("cpus_test." + std::to_string(::getpid()))) {
        std::filesystem::create_directories(root_);
    }
    ~Tree() { std::filesystem::remove_all(root_); }

    void write(const std::string& path, const std::string& text) const {
        const auto file = root_ / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text << "\n";
    }
    std::string root() const { return root_.string(); }

private:
    std::filesystem::path root_;
};

TEST_CASE("cpus: control groups") {
    const int all = available_cpus("/nonexistent");
    CHECK(all >= 1);
    const Tree tree;
    SUBCASE("v2: the least of all ancestors, rounded up") {
        tree.write("proc/self/cgroup", "0::/a/b");
        tree.write("sys/fs/cgroup/a/b/cpu.max", "max 100000");
        tree.write("sys/fs/cgroup/a/cpu.max", "50000 100000");
        CHECK(available_cpus(tree.root()) == 1);
    }
    SUBCASE("v1") {
        tree.write("proc/self/cgroup", "4:cpu,cpuacct:/x");
        tree.write("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "100000");
        tree.write("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000");
        CHECK(available_cpus(tree.root()) == 1);
    }
    SUBCASE("v1: -1 is no limit") {
        tree.write("proc/self/cgroup", "4:cpu,cpuacct:/x");
        tree.write("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1");
        tree.write("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000");
        CHECK(available_cpus(tree.root()) == all);
    }
    SUBCASE("a large quota changes nothing") {
        tree.write("proc/self/cgroup", "0::/");
        tree.write("sys/fs/cgroup/cpu.max", "999900000 100000");
        CHECK(available_cpus(tree.root()) == all);
    }
}

TEST_CASE("cpus: the most jobs possible") {
    const Tree tree;
    CHECK(most_jobs(tree.root()) >= 1);
    CHECK(most_jobs(tree.root()) <= 100'000);
    tree.write("proc/self/cgroup", "0::/a");
    tree.write("sys/fs/cgroup/a/pids.max", "30");
    tree.write("sys/fs/cgroup/a/pids.current", "10");
    CHECK(most_jobs(tree.root()) == 20);
    tree.write("sys/fs/cgroup/a/pids.max", "max");
    CHECK(most_jobs(tree.root()) > 20);
}

TEST_CASE("cpus: the limit on descriptors is raised and the old one known") {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{64, before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    const auto old = raise_descriptor_limit();
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    REQUIRE(old);
    CHECK(old->rlim_cur == 64);
    CHECK(now.rlim_cur == before.rlim_max);
    CHECK_FALSE(raise_descriptor_limit());
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace antsrun
