#include "expand/labels.hpp"

#include <doctest/doctest.h>

namespace antsrun {
namespace {

class LineOnly : public Renderer {
public:
    Command render(const Job& /*job*/, int /*slot*/) const override {
        Command command;
        command.line = "the command";
        return command;
    }
};

Job job_of(std::vector<std::string> arguments) {
    Job job;
    job.seq = 1;
    job.arguments = std::move(arguments);
    return job;
}

std::string tag_of(const LabelConfig& config, std::vector<std::string> arguments) {
    const LineOnly commands;
    const LabellingRenderer renderer(commands, config);
    const Command command = renderer.render(job_of(std::move(arguments)), 3);
    CHECK(command.line == "the command");
    return command.tag;
}

TEST_CASE("labels: the tag") {
    CHECK(tag_of({}, {"a"}).empty());
    CHECK(tag_of({.tag = true}, {"a"}) == "a\t");
    CHECK(tag_of({.tag = true}, {"a", "b  c"}) == "a b  c\t");
    CHECK(tag_of({.tag = true}, {""}) == "\t");
    CHECK(tag_of({.tag_text = "x\ty"}, {"a"}) == "x\ty\t");
    CHECK(tag_of({.tag = true, .tag_text = "x"}, {"a"}) == "x\t");
    CHECK(tag_of({.tag_text = "{#} {%} {2}/{/}"}, {"a b/c", "$d"}) == "1 3 $d/c $d\t");
    CHECK(tag_of({.tag_text = "{}"}, {""}) == "\t");
    CHECK(tag_of({.tag = true, .tag_text = ""}, {"a"}).empty());
}

}  // namespace
}  // namespace antsrun
