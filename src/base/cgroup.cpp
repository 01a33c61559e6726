#include "base/cgroup.hpp"

#include <exception>
#include <fstream>
#include <string_view>
#include <vector>

namespace antsrun {
namespace {

// Where the groups of one controller are: /proc/self/cgroup says which, and here is where they are
// mounted by custom. An unnamed controller is cgroup v2.
struct Hierarchy {
    std::string controller;
    std::string group;
};

std::vector<Hierarchy> hierarchies(const std::string& root) {
    std::vector<Hierarchy> found;
    std::ifstream file(root + "/proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const auto first = line.find(':');
        const auto second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second != std::string::npos) {
            found.push_back({line.substr(first + 1, second - first - 1), line.substr(second + 1)});
        }
    }
    return found;
}

bool has_controller(const std::string& list, std::string_view name) {
    return ("," + list + ",").find("," + std::string(name) + ",") != std::string::npos;
}

// The directory of a group and of each one above it.
void for_each_group(const std::string& mount, std::string group,
                    const std::function<void(const std::string&)>& look) {
    for (;;) {
        while (!group.empty() && group.back() == '/') {
            group.pop_back();
        }
        look(mount + group);
        if (group.empty()) {
            return;
        }
        group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
    }
}

}  // namespace

std::optional<std::string> first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line)) {
        return std::nullopt;
    }
    return line;
}

std::optional<double> number(const std::string& text) {
    try {
        return std::stod(text);
    } catch (const std::exception&) {
        return std::nullopt;  // "max"
    }
}

void for_each_group_of(const std::string& root, const std::string& controller,
                       const std::function<void(const std::string&)>& look) {
    for (const Hierarchy& hierarchy : hierarchies(root)) {
        if (hierarchy.controller.empty()) {
            for_each_group(root + "/sys/fs/cgroup", hierarchy.group, look);
        } else if (has_controller(hierarchy.controller, controller)) {
            for_each_group(root + "/sys/fs/cgroup/" + controller, hierarchy.group, look);
            for_each_group(root + "/sys/fs/cgroup/" + hierarchy.controller, hierarchy.group, look);
        }
    }
}

}  // namespace antsrun
