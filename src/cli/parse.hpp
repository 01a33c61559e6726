// The command line: from words to Options. One table in parse.cpp names every option; parser and
// --help are made from it.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace antsrun::cli {

// Nothing can be run like this. what() is two lines: what is wrong, and what to type instead.
class UsageError : public std::runtime_error {
public:
    UsageError(const std::string& problem, const std::string& advice)
        : std::runtime_error("antsrun: " + problem + "\n" + advice + "\n"),
          problem_(problem),
          advice_(advice) {}

    // The same, of what stands in `place`.
    UsageError inside(const std::string& place) const { return {place + ": " + problem_, advice_}; }

    int exit_status = kTrouble;

private:
    std::string problem_;
    std::string advice_;
};

// `words`: argv, the program's name first. Reads $ANTSRUN_SHELL. Throws UsageError.
Options parse(const std::vector<std::string>& words);

}  // namespace antsrun::cli
