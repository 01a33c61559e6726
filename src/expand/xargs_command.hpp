// A command as xargs has it: words that are executed as they are, never by a shell. Made once, then
// pure; any carrier.
#pragma once

#include <string>
#include <vector>

#include "job/seams.hpp"

namespace antsrun {

class XargsRenderer : public Renderer {
public:
    // `item` stands for the argument wherever it is in the words; empty: arguments come last.
    XargsRenderer(std::vector<std::string> words, std::string item)
        : words_(std::move(words)), item_(std::move(item)) {}

    Command render(const Job& job, int slot) const override;

private:
    const std::vector<std::string> words_;
    const std::string item_;
};

// Bytes of a command as xargs counts them: each word and the end of it.
std::size_t xargs_size(const Command& command);

}  // namespace antsrun
