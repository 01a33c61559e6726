#include "expand/command_line.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quote.hpp"
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

// -q: text outside of placeholders becomes quoted shell text that means just that.
std::string quoted_template(const std::string& word, const PlaceholderConfig& placeholders) {
    std::string text;
    std::string literal;
    const auto put_literal = [&] {
        if (!literal.empty()) {
            text += quote(std::exchange(literal, {}));
        }
    };
    for (std::string_view rest = word; !rest.empty();) {
        const auto found = read_placeholder(rest, placeholders);
        const std::size_t length = found ? found->length : 1;
        if (found) {
            put_literal();
        }
        (found ? text : literal) += rest.substr(0, length);
        rest.remove_prefix(length);
    }
    put_literal();
    return text.empty() ? "''" : text;
}

}  // namespace

Result<TemplateConfig> with_placeholders(const CommandConfig& command, TemplateConfig config) {
    PlaceholderConfig& placeholders = config.placeholders;
    placeholders.item = command.item;
    placeholders.plus = command.plus;
    for (const std::string& text : command.rewrites) {
        auto rewrite = parse_rewrite(text);
        if (!rewrite) {
            return rewrite.error();
        }
        placeholders.rewrites.push_back(std::move(*rewrite));
    }
    return config;
}

Result<Template> parse_template(const CommandConfig& command, const TemplateConfig& config) {
    std::string text;
    for (const std::string& word : command.words) {
        text += &word == command.words.data() ? "" : " ";
        text += command.quote ? quoted_template(word, config.placeholders) : word;
    }
    return Template::parse_command(text, config);
}

std::size_t size_in_memory(const Command& command) {
    std::size_t size = 0;
    for (const std::string& word : command.words) {
        size += word.size() + 1 + sizeof(char*);
    }
    return command.words.empty() ? command.line.size() + 1 : size;
}

std::size_t longest_command(char** environment, bool through_shell) {
    constexpr std::size_t kLongestString = 128 * 1024;
    constexpr std::size_t kMost = 6 * 1024 * 1024;  // the kernel's, whatever the stack's limit
    constexpr std::size_t kReserve = 8 * 1024;      // our own variables, the path, and more
    if (through_shell) {
        return kLongestString;
    }
    const long limit = ::sysconf(_SC_ARG_MAX);
    const std::size_t most =
        limit > 0 ? std::min(static_cast<std::size_t>(limit), kMost) : kLongestString;
    std::size_t taken = kReserve;
    for (char** variable = environment; *variable != nullptr; ++variable) {
        taken += std::string_view(*variable).size() + 1 + sizeof(char*);
    }
    return most > taken ? most - taken : 0;
}

CommandLineRenderer::CommandLineRenderer(CommandLineConfig config)
    : template_(std::move(config.command)),
      has_no_shell_(config.shell == kNoShell),
      may_execute_directly_(config.shell == "/bin/sh" && std::getenv("PATH") != nullptr &&
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

std::string CommandLineRenderer::line_of(const Job& job, int slot) const {
    return template_ ? template_->render(job, slot)
                     : fmt::format("{}", fmt::join(job.arguments, " "));
}

bool CommandLineRenderer::needs_no_shell() const {
    Job job;
    job.arguments.push_back("\\");  // echo of the shell has its own opinion on this
    return !render(job, 1).words.empty();
}

Command CommandLineRenderer::render(const Job& job, int slot) const {
    Command command;
    command.line = line_of(job, slot);
    if (has_no_shell_) {
        command.never_shell = true;
        command.words = split_quoted(command.line).value_or(std::vector<std::string>{});
        if (command.words.empty()) {
            command.words.push_back(command.line);  // whose message will say that there is no such
        }
        return command;
    }
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
