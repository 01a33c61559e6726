// A template, parsed once: text with placeholders, rendered for each job. Pure; any thread.
//
//     auto gzip = Template::parse_command("gzip -9 {}", {});
//     gzip->render(job, slot);   // "gzip -9 'a b.log'"
//
// In a command every value is quoted for the place where it stands, so that no argument is ever
// read as code, whatever the template; a place where that is impossible is an error of parsing.
// Only a placeholder that is the whole first word is command text, as it is.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "expand/placeholder.hpp"
#include "expand/shell_place.hpp"
#include "job/job.hpp"

namespace antsrun {

// What {} becomes when a job has several arguments.
enum class Several {
    joined,    // all, with spaces between them
    repeated,  // the word it stands in, once for each
};

struct TemplateConfig {
    PlaceholderConfig placeholders;
    Several several = Several::joined;
    int slots = 1;
};

class Template {
public:
    // Shell text. One without a placeholder gets the arguments at its end. The error says what is
    // wrong with which placeholder.
    static Result<Template> parse_command(std::string_view text, TemplateConfig config);

    // Any text (a file name, a tag): values are put in as they are.
    static Template parse_text(std::string_view text, TemplateConfig config);

    std::string render(const Job& job, int slot) const;

    // It has one that stands for something in this job.
    bool has_placeholder(const Job& job) const;
    // It has one that stands for arguments.
    bool takes_arguments() const;

private:
    enum class Style {
        as_it_is,
        plain,
        bare_if_safe,
        single_quoted,
        double_quoted,
        double_quoted_apart
    };

    struct Piece {
        std::string text;  // what stands there; of a placeholder its own spelling
        bool is_value = false;
        Placeholder placeholder;
        Style style = Style::as_it_is;
        std::size_t word = 0;
    };

    // What is being rendered; {} is these arguments of the job.
    struct Context {
        const Job& job;
        int slot;
        std::span<const std::string> arguments;
    };

    explicit Template(TemplateConfig config);

    void add_text(std::string_view text, std::size_t word);
    Result<bool> add_value(FoundPlaceholder found, std::string_view spelling,
                           const ShellPlace& place);
    void settle_styles(const ShellPlace& place);
    bool may_append() const;
    std::size_t end_of_word(std::size_t piece) const;
    bool repeats(std::size_t begin, std::size_t end) const;
    void render_pieces(std::size_t begin, std::size_t end, const Context& context,
                       std::string& line) const;
    void render_value(const Piece& piece, const Context& context, std::string& line) const;
    static void put(std::string_view value, Style style, std::string& line);

    // At one place, because placeholders point into it.
    std::shared_ptr<const TemplateConfig> config_;
    std::vector<Piece> pieces_;
    bool is_command_ = false;
};

}  // namespace antsrun
