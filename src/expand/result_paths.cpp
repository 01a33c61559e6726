#include "expand/result_paths.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace antsrun {
namespace {

constexpr std::size_t kLongestName = 255;

// FNV-1a: the same in every run, so that a job finds its old files.
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return hash;
}

std::string key_of(const Job& job, std::size_t argument) {
    const bool has_name = job.names != nullptr && argument < job.names->size();
    return has_name ? as_file_name((*job.names)[argument]) : std::to_string(argument + 1);
}

ResultFiles files_in(const std::string& directory) {
    return {directory + "stdout", directory + "stderr", directory + "seq"};
}

}  // namespace

std::string as_file_name(std::string_view argument) {
    std::string name;
    for (const char c : argument) {
        switch (c) {
            case '/': name += "\\_"; break;
            case '\\': name += "\\\\"; break;
            case '\t': name += "\\t"; break;
            default: name += c;
        }
    }
    if (name == "." || name == "..") {
        return '\\' + name;
    }
    if (name.size() > kLongestName) {
        const std::string end = fmt::format("\\~{:016x}", hash_of(argument));
        name.replace(kLongestName - end.size(), std::string::npos, end);
    }
    return name;
}

ResultPaths::ResultPaths(const std::string& directory, const TemplateConfig& placeholders)
    : directory_(Template::parse_text(directory, placeholders)) {}

ResultFiles ResultPaths::render(const Job& job, int slot) const {
    std::string path = directory_.render(job, slot);
    if (!directory_.has_placeholder(job)) {
        for (std::size_t i = 0; i < job.arguments.size(); ++i) {
            path += fmt::format("/{}/{}", key_of(job, i), as_file_name(job.arguments[i]));
        }
        return files_in(path + '/');
    }
    if (path.ends_with('/')) {
        return files_in(path);
    }
    return {path, path + ".err", path + ".seq"};
}

}  // namespace antsrun
