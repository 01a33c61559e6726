// A job whose record is a command line, as a command: executed directly if no shell is needed, else
// by the shell. Made once, then pure; any carrier.
#pragma once

#include <map>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

struct CommandLineConfig {
    // Direct execution is only for the shell whose rules are known.
    std::string shell = "/bin/sh";
    // The environment the jobs will have, NULL-terminated.
    char** environment = nullptr;
};

class CommandLineRenderer : public Renderer {
public:
    explicit CommandLineRenderer(const CommandLineConfig& config);

    Command render(const Job& job, int slot) const override;

private:
    bool may_execute_directly_ = false;
    // Where the programs are that do what a builtin does.
    std::map<std::string, std::string, std::less<>> twins_;
};

}  // namespace antsrun
