#include "work.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "expand/batch.hpp"
#include "expand/command_line.hpp"
#include "expand/counted_jobs.hpp"
#include "expand/job_maker.hpp"
#include "expand/labels.hpp"
#include "expand/template.hpp"
#include "expand/xargs_command.hpp"
#include "read/blocks.hpp"
#include "read/records.hpp"
#include "read/source.hpp"
#include "read/xargs_items.hpp"

namespace antsrun {
namespace {

Result<std::unique_ptr<RecordSource>> open_input(const cli::Options& options, const Say& say) {
    RecordsConfig config = options.records;
    if (are_command_lines(options) && !config.sources.empty()) {
        // One file of jobs after the other.
        for (std::size_t i = 1; i < config.sources.size(); ++i) {
            config.sources.front().more_files.push_back(config.sources[i].file);
        }
        config.sources.resize(1);
    }
    config.on_carriage_return = [&say] {
        say("antsrun: dropping the carriage return at the end of lines\n");
    };
    return open_records(std::move(config));
}

Result<std::unique_ptr<JobSource>> open_blocks(const BlocksConfig& config, int capacity) {
    if (config.from == BlocksConfig::From::file) {
        auto parts = FileParts::open(config, capacity);
        if (!parts) {
            return parts.error();
        }
        return std::unique_ptr<JobSource>(std::move(*parts));
    }
    auto blocks = PipeBlocks::open(config, capacity);
    if (!blocks) {
        return blocks.error();
    }
    return std::unique_ptr<JobSource>(std::move(*blocks));
}

TemplateConfig template_config(const cli::Options& options, int capacity) {
    TemplateConfig config;
    config.placeholders.named = options.records.header;
    config.several = options.command.repeat ? Several::repeated : Several::joined;
    config.slots = capacity;
    return config;
}

std::unique_ptr<JobSource> make_jobs(const cli::Options& options, RecordSource& records,
                                     const CommandLineRenderer& renderer, int capacity) {
    using Batching = CommandConfig::Batching;
    const CommandConfig& command = options.command;
    if (command.batching == Batching::none && command.most_bytes == 0) {
        return std::make_unique<JobMaker>(records, are_command_lines(options)
                                                       ? JobMaker::Kind::command_lines
                                                       : JobMaker::Kind::arguments);
    }
    BatchConfig config;
    config.most_records = command.most_records.value_or(command.batching == Batching::fill ? 0 : 1);
    config.drop_arguments = command.most_records == 0;
    config.most_records = config.drop_arguments ? 1 : config.most_records;
    config.are_lines = command.batching == Batching::lines;
    config.spread = command.spread ? capacity : 0;
    config.too_long_ends = command.too_long_ends;
    if (command.most_bytes != 0) {
        config.most_bytes = std::min(command.most_bytes, longest_command(environ, true));
        return std::make_unique<Batch>(records, config, [&renderer](const Job& job) {
            return renderer.render(job, 1).line.size() + 1;
        });
    }
    config.most_bytes = longest_command(environ, !renderer.needs_no_shell());
    return std::make_unique<Batch>(records, config, [&renderer](const Job& job) {
        return size_in_memory(renderer.render(job, 1));
    });
}

// ---- As xargs has it

Result<std::unique_ptr<RecordSource>> open_xargs_input(const cli::Options& options) {
    const auto& sources = options.records.sources;
    const std::string file = sources.empty() ? "-" : sources.front().file;
    if (!options.xargs.splits) {
        SourceConfig config{{file}, options.records.delimiter, {}};
        config.keeps_carriage_return = true;
        auto source = Source::open(std::move(config));
        if (!source) {
            return source.error();
        }
        return std::unique_ptr<RecordSource>(std::move(*source));
    }
    using Unit = XargsItemsConfig::Unit;
    XargsItemsConfig config;
    config.unit = !options.xargs.item.empty() ? Unit::as_whole
                  : options.xargs.are_lines   ? Unit::lines
                                              : Unit::items;
    config.end_string = options.records.end_string;
    auto items = XargsItems::open(file, std::move(config));
    if (!items) {
        return items.error();
    }
    return std::unique_ptr<RecordSource>(std::move(*items));
}

BatchConfig xargs_batch(const cli::Options& options) {
    constexpr std::size_t kUsual = 128 * 1024;
    const std::size_t most = longest_command(environ, false);
    const bool replaces = !options.xargs.item.empty();
    BatchConfig config;
    config.most_records = replaces ? 1 : options.command.most_records.value_or(0);
    config.most_bytes = options.command.most_bytes == 0 ? kUsual : options.command.most_bytes;
    config.most_bytes = std::min(config.most_bytes, most);
    config.too_long_ends = true;
    config.is_exact = options.command.too_long_ends && config.most_records != 0;
    config.at_least_one = options.xargs.runs_if_empty && !replaces;
    return config;
}

// What goes with each command.
void add_labels(Work& work, const cli::Options& options, const TemplateConfig& placeholders) {
    LabelConfig labels;
    labels.tag = options.tag;
    labels.tag_text = options.tagstring;
    labels.directory = options.directory;
    labels.variables = options.variables;
    labels.results = options.results;
    labels.placeholders = placeholders;
    work.renderer = std::make_unique<LabellingRenderer>(*work.commands, labels);
}

Result<Work> plan_xargs(const cli::Options& options, int capacity) {
    Work work;
    auto records = open_xargs_input(options);
    if (!records) {
        return records.error();
    }
    work.records = std::move(*records);
    work.commands = std::make_unique<XargsRenderer>(options.command.words, options.xargs.item);
    const Renderer& commands = *work.commands;
    work.jobs = std::make_unique<Batch>(
        *work.records, xargs_batch(options),
        [&commands](const Job& job) { return xargs_size(commands.render(job, 1)); });
    add_labels(work, options, template_config(options, capacity));
    return work;
}

// Something is said that depends on how many jobs there are.
bool must_count(const cli::Options& options) {
    std::vector<std::string> texts = options.command.words;
    texts.insert(texts.end(), options.variables.begin(), options.variables.end());
    texts.push_back(options.tagstring.value_or(""));
    texts.push_back(options.directory.value_or(""));
    texts.push_back(options.results);
    const auto names_total = [](const std::string& text) {
        return text.find("{##}") != std::string::npos || text.find("{0#}") != std::string::npos;
    };
    const bool is_named =
        options.command.plus && std::any_of(texts.begin(), texts.end(), names_total);
    return is_named || options.halt.is_percent;
}

Result<std::unique_ptr<CommandLineRenderer>> make_commands(const cli::Options& options,
                                                           const TemplateConfig& placeholders) {
    CommandLineConfig config{options.shell, environ};
    if (!options.command.words.empty()) {
        auto command = parse_template(options.command, placeholders);
        if (!command) {
            return command.error();
        }
        config.command = std::move(*command);
    }
    return std::make_unique<CommandLineRenderer>(std::move(config));
}

}  // namespace

// No template, and not given as items on our own command line.
bool are_command_lines(const cli::Options& options) {
    const auto& sources = options.records.sources;
    return options.command.words.empty() &&
           std::all_of(sources.begin(), sources.end(),
                       [](const SourceSpec& source) { return source.is_file; });
}

Result<Work> plan_work(const cli::Options& options, int capacity, const Say& say) {
    if (options.xargs.is_on) {
        return plan_xargs(options, capacity);
    }
    Work work;
    if (options.journal.resume == cli::JournalOptions::Resume::only) {
        work.commands =
            std::make_unique<CommandLineRenderer>(CommandLineConfig{options.shell, environ, {}});
        add_labels(work, options, template_config(options, capacity));
        return work;
    }
    if (options.blocks.from == BlocksConfig::From::none) {
        auto records = open_input(options, say);
        if (!records) {
            return records.error();
        }
        work.records = std::move(*records);
    }
    const auto placeholders =
        with_placeholders(options.command, template_config(options, capacity));
    if (!placeholders) {
        return placeholders.error();
    }
    auto commands = make_commands(options, *placeholders);
    if (!commands) {
        return commands.error();
    }
    if (work.records != nullptr) {
        work.jobs = make_jobs(options, *work.records, **commands, capacity);
    } else {
        auto blocks = open_blocks(options.blocks, capacity);
        if (!blocks) {
            return blocks.error();
        }
        work.jobs = std::move(*blocks);
    }
    if (must_count(options)) {
        work.jobs = std::make_unique<CountedJobs>(std::move(work.jobs));
    }
    work.commands = std::move(*commands);
    add_labels(work, options, *placeholders);
    return work;
}

}  // namespace antsrun
