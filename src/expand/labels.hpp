// What goes with a job's command: the tag of its output and the files it goes to, where it runs and
// with which variables. A renderer around another one, which makes the command. Made once, then
// pure; any carrier.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "expand/result_paths.hpp"
#include "expand/template.hpp"
#include "job/seams.hpp"

namespace antsrun {

struct LabelConfig {
    // --tag: the job's arguments, joined by spaces. A command line is one argument.
    bool tag = false;
    // --tagstring: this text, none if it is empty. Placeholders in it stand for the job's values as
    // they are. Goes before `tag`.
    std::optional<std::string> tag_text{};
    // --wd and --env ("K=V"), with placeholders.
    std::optional<std::string> directory{};
    std::vector<std::string> variables{};
    // --results: see ResultPaths. Empty: none.
    std::string results{};
    TemplateConfig placeholders{};
};

class LabellingRenderer : public Renderer {
public:
    // `commands` outlives this.
    LabellingRenderer(const Renderer& commands, const LabelConfig& config);

    Command render(const Job& job, int slot) const override;

private:
    std::string tag_of(const Job& job, int slot) const;

    const Renderer& commands_;
    bool has_tag_ = false;
    std::optional<Template> tag_text_;  // nothing: the arguments
    std::optional<ResultPaths> results_;
    std::optional<Template> directory_;
    std::vector<Template> variables_;
};

}  // namespace antsrun
