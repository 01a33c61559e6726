#include "expand/command_line.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "expand/words.hpp"

namespace antsrun {
namespace {

// The shell would set PWD if it were missing or wrong, and the job would see it.
bool is_pwd_right() {
    const char* pwd = std::getenv("PWD");
    struct stat named {};
    struct stat here {};
    return pwd != nullptr && *pwd == '/' && ::stat(pwd, &named) == 0 && ::stat(".", &here) == 0 &&
           named.st_dev == here.st_dev && named.st_ino == here.st_ino;
}

// A function exported by bash may take the place of any command, if sh is bash.
bool has_exported_function(char** environment) {
    for (char** variable = environment; *variable != nullptr; ++variable) {
        if (std::string_view(*variable).starts_with("BASH_FUNC_")) {
            return true;
        }
    }
    return false;
}

}  // namespace

CommandLineRenderer::CommandLineRenderer(const CommandLineConfig& config)
    : may_execute_directly_(config.shell == "/bin/sh" && std::getenv("PATH") != nullptr &&
                            is_pwd_right() && !has_exported_function(config.environment)) {
    for (const char* name : {"true", "false", "echo"}) {
        for (const char* directory : {"/bin/", "/usr/bin/"}) {
            const std::string file = std::string(directory) + name;
            if (::access(file.c_str(), X_OK) == 0) {
                twins_.emplace(name, file);
                break;
            }
        }
    }
}

Command CommandLineRenderer::render(const Job& job, int /*slot*/) const {
    Command command;
    command.line = job.arguments.front();
    auto words = may_execute_directly_ ? split_words(command.line) : std::nullopt;
    if (!words) {
        return command;
    }
    if (is_twin_of_builtin(words->front())) {
        const auto twin = twins_.find(words->front());
        if (twin == twins_.end()) {
            return command;
        }
        command.file = twin->second;
    }
    command.words = std::move(*words);
    return command;
}

}  // namespace antsrun
