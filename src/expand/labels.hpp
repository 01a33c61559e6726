// What a job is called beside its command: the tag of its output. A renderer around another one,
// which makes the command. Made once, then pure; any carrier.
#pragma once

#include <optional>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

struct LabelConfig {
    // --tag: the job's arguments, joined by spaces. A command line is one argument.
    bool tag = false;
    // --tagstring: this text, none if it is empty. Goes before `tag`.
    std::optional<std::string> tag_text{};
};

class LabellingRenderer : public Renderer {
public:
    // `commands` outlives this.
    LabellingRenderer(const Renderer& commands, LabelConfig config)
        : commands_(commands), config_(std::move(config)) {}

    Command render(const Job& job, int slot) const override;

private:
    std::string tag_of(const Job& job) const;

    const Renderer& commands_;
    const LabelConfig config_;
};

}  // namespace antsrun
