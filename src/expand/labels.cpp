#include "expand/labels.hpp"

#include <fmt/format.h>

namespace antsrun {

Command LabellingRenderer::render(const Job& job, int slot) const {
    Command command = commands_.render(job, slot);
    command.tag = tag_of(job);
    return command;
}

std::string LabellingRenderer::tag_of(const Job& job) const {
    if (config_.tag_text) {
        return config_.tag_text->empty() ? "" : *config_.tag_text + '\t';
    }
    return config_.tag ? fmt::format("{}\t", fmt::join(job.arguments, " ")) : "";
}

}  // namespace antsrun
