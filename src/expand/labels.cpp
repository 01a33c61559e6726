#include "expand/labels.hpp"

#include <fmt/format.h>

namespace antsrun {

LabellingRenderer::LabellingRenderer(const Renderer& commands, const LabelConfig& config)
    : commands_(commands), has_tag_(config.tag) {
    if (config.tag_text) {
        has_tag_ = !config.tag_text->empty();
        tag_text_ = Template::parse_text(*config.tag_text, config.placeholders);
    }
    if (config.directory) {
        directory_ = Template::parse_text(*config.directory, config.placeholders);
    }
    for (const std::string& variable : config.variables) {
        variables_.push_back(Template::parse_text(variable, config.placeholders));
    }
    if (!config.results.empty()) {
        results_.emplace(config.results, config.placeholders);
    }
}

Command LabellingRenderer::render(const Job& job, int slot) const {
    Command command = commands_.render(job, slot);
    if (has_tag_) {
        command.tag = tag_of(job, slot) + '\t';
    }
    if (directory_) {
        command.directory = directory_->render(job, slot);
    }
    for (const Template& variable : variables_) {
        command.variables.push_back(variable.render(job, slot));
    }
    if (results_ && job.problem.empty()) {
        command.results = results_->render(job, slot);
    }
    return command;
}

std::string LabellingRenderer::tag_of(const Job& job, int slot) const {
    return tag_text_ ? tag_text_->render(job, slot)
                     : fmt::format("{}", fmt::join(job.arguments, " "));
}

}  // namespace antsrun
