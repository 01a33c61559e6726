// A job as a command: its arguments are put into the template, or are a command line themselves.
// Executed directly if no shell is needed, else by the shell. Made once, then pure; any carrier.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "expand/command_config.hpp"
#include "expand/template.hpp"
#include "job/seams.hpp"

namespace antsrun {

struct CommandLineConfig {
    // Direct execution is only for the shell whose rules are known.
    std::string shell = "/bin/sh";
    // The environment the jobs will have, NULL-terminated.
    char** environment = nullptr;
    std::optional<Template> command = std::nullopt;
};

// `config` with the placeholders that were asked for. The error says what is wrong.
Result<TemplateConfig> with_placeholders(const CommandConfig& command, TemplateConfig config);

// The template for these words. The error says what is wrong.
Result<Template> parse_template(const CommandConfig& command, const TemplateConfig& config);

// What the system has to keep for a command, in bytes: strings and pointers to them.
std::size_t size_in_memory(const Command& command);

// What it can keep beside this environment. A shell gets its command in one string, and no string
// may have more than 128 KiB.
std::size_t longest_command(char** environment, bool through_shell);

class CommandLineRenderer : public Renderer {
public:
    explicit CommandLineRenderer(CommandLineConfig config);

    Command render(const Job& job, int slot) const override;

    // Its command is executed without a shell, whatever the arguments are.
    bool needs_no_shell() const;

private:
    std::string line_of(const Job& job, int slot) const;

    std::optional<Template> template_;
    bool has_no_shell_ = false;
    bool may_execute_directly_ = false;
    // Where the programs are that do what a builtin does.
    std::map<std::string, std::string, std::less<>> twins_;
};

}  // namespace antsrun
