#include "read/csv.hpp"

#include <utility>

#include <fmt/format.h>

#include "read/source.hpp"

namespace antsrun {

CsvState advance(CsvState state, char next, char separator) {
    switch (state) {
        case CsvState::start:
            if (next == '"') {
                return CsvState::quoted;
            }
            [[fallthrough]];
        case CsvState::bare:
            if (next == separator) {
                return CsvState::start;
            }
            return next == '"' ? CsvState::broken : CsvState::bare;
        case CsvState::quoted: return next == '"' ? CsvState::quote : CsvState::quoted;
        case CsvState::quote:
            if (next == separator) {
                return CsvState::start;
            }
            return next == '"' ? CsvState::quoted : CsvState::broken;
        case CsvState::broken: break;
    }
    return CsvState::broken;
}

std::vector<std::string> split_csv(std::string_view text, char separator) {
    std::vector<std::string> columns(1);
    auto state = CsvState::start;
    for (const char next : text) {
        const auto before = std::exchange(state, advance(state, next, separator));
        if (state == CsvState::start) {
            columns.emplace_back();
        } else if (state == CsvState::bare || state == CsvState::broken ||
                   (state == CsvState::quoted && before != CsvState::start)) {
            columns.back() += next;
        }
    }
    return columns;
}

CsvRecords::CsvRecords(std::unique_ptr<RecordSource> lines, CsvRecordsConfig config)
    : lines_(std::move(lines)), config_(std::move(config)) {}

ants::Task<std::optional<Record>> CsvRecords::next() {
    auto record = co_await lines_->next();
    if (!record) {
        co_return std::nullopt;
    }
    begin(*record);
    while (state_ == CsvState::quoted && config_.joint) {
        const auto line = co_await lines_->next();
        if (!line) {
            break;
        }
        append(*record, *line);
    }
    judge(*record);
    co_return record;
}

CsvState CsvRecords::state_after(std::string_view text, CsvState state) const {
    for (const char next : text) {
        state = advance(state, next, config_.separator);
    }
    return state;
}

void CsvRecords::begin(Record& record) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    begin_ = ++line_;
    std::string& text = record.fields.front();
    if (line_ == 1 && text.starts_with(kByteOrderMark)) {
        text.erase(0, kByteOrderMark.size());
    }
    state_ = state_after(text, CsvState::start);
}

// Of a record that is too long, the rest is read for its end only.
void CsvRecords::append(Record& record, const Record& line) {
    ++line_;
    state_ = state_after(line.fields.front(), state_);
    if (!record.problem.empty()) {
        return;
    }
    std::string& text = record.fields.front();
    text += *config_.joint;
    text += line.fields.front();
    record.problem = line.problem;
    if (record.problem.empty() && text.size() > Source::kLongest) {
        text.resize(4096);
        record.problem =
            fmt::format("{}: longer than 1 MiB, as its quoted column does not end", place());
    }
}

void CsvRecords::judge(Record& record) {
    if (!record.problem.empty()) {
        return;
    }
    if (state_ == CsvState::quoted) {
        record.problem = fmt::format("{}: a quote is not closed", place());
    } else if (state_ == CsvState::broken) {
        record.problem = fmt::format(
            "{}: not CSV: a quote must begin and end its column, and be doubled within", place());
    }
}

std::string CsvRecords::place() const {
    return fmt::format("{} {} of {}", config_.unit, begin_, config_.place);
}

}  // namespace antsrun
