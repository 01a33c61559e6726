// Comma separated values as RFC 4180 has them: columns in quotes may have separators, newlines and
// doubled quotes; what is not in quotes has none of these. Other dialects are refused, not guessed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "job/seams.hpp"

namespace antsrun {

// The columns of one whole record; whatever they can be if it is not well-formed. Pure.
std::vector<std::string> split_csv(std::string_view text, char separator);

// Where a reader of a record stands.
enum class CsvState {
    start,   // of a column
    bare,    // in a column without quotes
    quoted,  // in quotes
    quote,   // after a quote within quotes: the end, or the first of two
    broken,  // not CSV
};

CsvState advance(CsvState state, char next, char separator);

struct CsvRecordsConfig {
    char separator = ',';
    // What stands between two pieces of text if a quoted column goes on in the second: a newline.
    // Not set: each piece is a record of its own.
    std::optional<std::string> joint;
    // For messages: "line" of "'jobs.csv'".
    std::string unit;
    std::string place;
};

// Whole records of CSV, not yet split, from lines. A record that is not well-formed gets a problem.
// A byte order mark at the beginning is dropped. Control thread only.
class CsvRecords : public RecordSource {
public:
    CsvRecords(std::unique_ptr<RecordSource> lines, CsvRecordsConfig config);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override { return lines_->error(); }

private:
    CsvState state_after(std::string_view text, CsvState state) const;
    void begin(Record& record);
    void append(Record& record, const Record& line);
    void judge(Record& record);
    std::string place() const;

    const std::unique_ptr<RecordSource> lines_;
    const CsvRecordsConfig config_;
    CsvState state_ = CsvState::start;
    std::uint64_t line_ = 0;   // the last one read
    std::uint64_t begin_ = 0;  // the one where the record began
};

}  // namespace antsrun
