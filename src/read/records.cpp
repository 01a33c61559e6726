#include "read/records.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "read/columns.hpp"
#include "read/combine.hpp"
#include "read/csv.hpp"
#include "read/filter.hpp"
#include "read/header.hpp"
#include "read/items.hpp"
#include "read/shuffle.hpp"
#include "read/source.hpp"

namespace antsrun {
namespace {

using Records = std::unique_ptr<RecordSource>;

Result<Split> split_of(const RecordsConfig& config) {
    if (!config.column_separator) {
        return config.csv ? Split(CsvSeparator{}) : Split();
    }
    auto separator = Separator::parse(*config.column_separator);
    if (!separator) {
        return separator.error();
    }
    if (!config.csv) {
        return Split(std::move(*separator));
    }
    const auto literal = separator->literal();
    if (!literal || literal->size() != 1 || *literal == "\"") {
        return Error{fmt::format("'{}' cannot separate the columns of CSV: one character can",
                                 *config.column_separator)};
    }
    return Split(CsvSeparator{literal->front()});
}

Trim trim_of(const RecordsConfig& config) {
    return config.trim.value_or(config.column_separator ? Trim::both : Trim::none);
}

Result<Records> open_raw(const RecordsConfig& config, SourceSpec& spec) {
    if (!spec.is_file) {
        return Records(std::make_unique<Items>(std::move(spec.values)));
    }
    std::vector<std::string> files{spec.file};
    files.insert(files.end(), spec.more_files.begin(), spec.more_files.end());
    auto source = Source::open({std::move(files), config.delimiter, config.on_carriage_return});
    if (!source) {
        return source.error();
    }
    return Records(std::move(*source));
}

CsvRecordsConfig csv_config_of(const RecordsConfig& config, const SourceSpec& spec,
                               char separator) {
    CsvRecordsConfig csv;
    csv.separator = separator;
    if (!spec.is_file) {
        csv.unit = "value";
        csv.place = "':::'";
        return csv;
    }
    csv.unit = config.delimiter == "\n" ? "line" : "item";
    csv.place = spec.file == "-" ? "standard input" : fmt::format("'{}'", spec.file);
    if (config.delimiter.find('\0') == std::string::npos) {  // no argument has a NUL
        csv.joint = config.delimiter;
    }
    return csv;
}

// One source, as far as it is treated apart from the others.
Result<Records> open_source(const RecordsConfig& config, SourceSpec& spec, const Split& split) {
    auto raw = open_raw(config, spec);
    if (!raw) {
        return raw;
    }
    Records records = std::move(*raw);
    if (const auto* csv = std::get_if<CsvSeparator>(&split)) {
        records = std::make_unique<CsvRecords>(std::move(records),
                                               csv_config_of(config, spec, csv->character));
    }
    if (config.drop_blank || !config.end_string.empty()) {
        records =
            std::make_unique<Filter>(std::move(records), config.end_string, config.drop_blank);
    }
    const Trim sides = trim_of(config);
    if (split.index() != 0 || sides != Trim::none) {
        records = std::make_unique<Columns>(std::move(records), split, sides);
    }
    if (config.header) {
        records = std::make_unique<Header>(std::move(records));
    }
    return records;
}

// All combinations; what is linked is linked first.
Records combine(std::vector<Records> sources, const RecordsConfig& config) {
    if (config.link_all && sources.size() > 1) {
        return std::make_unique<InStep>(std::move(sources));
    }
    std::vector<Records> groups;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (config.sources[i].is_linked && !groups.empty()) {
            groups.back() =
                std::make_unique<Linked>(std::move(groups.back()), std::move(sources[i]));
        } else {
            groups.push_back(std::move(sources[i]));
        }
    }
    Records all = std::move(groups.front());
    for (std::size_t i = 1; i < groups.size(); ++i) {
        all = std::make_unique<Product>(std::move(all), std::move(groups[i]));
    }
    return all;
}

bool reads_stdin(const SourceSpec& spec) { return spec.is_file && spec.file == "-"; }

// A carriage return in each of several files is said once.
std::function<void()> once(std::function<void()> say) {
    if (!say) {
        return say;
    }
    return [say = std::move(say), is_said = std::make_shared<bool>(false)] {
        if (!std::exchange(*is_said, true)) {
            say();
        }
    };
}

}  // namespace

Result<std::unique_ptr<RecordSource>> open_records(RecordsConfig config) {
    if (config.sources.empty()) {
        config.sources.push_back({true, "-", {}, false});
    }
    if (std::ranges::count_if(config.sources, reads_stdin) > 1) {
        return Error{"standard input cannot be two sources"};
    }
    config.on_carriage_return = once(std::move(config.on_carriage_return));
    const auto split = split_of(config);
    if (!split) {
        return split.error();
    }
    std::vector<Records> sources;
    for (SourceSpec& spec : config.sources) {
        auto records = open_source(config, spec, *split);
        if (!records) {
            return records;
        }
        sources.push_back(std::move(*records));
    }
    Records all = combine(std::move(sources), config);
    if (config.shuffle) {
        all = std::make_unique<Shuffle>(std::move(all), config.seed);
    }
    return all;
}

}  // namespace antsrun
