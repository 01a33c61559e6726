// What the tests of the read stage have in common.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ants/carrier.hpp"
#include "job/seams.hpp"

namespace antsrun {

using Texts = std::vector<std::string>;
using Rows = std::vector<Texts>;

// A file with this content, gone at the end.
class File {
public:
    explicit File(std::string_view content)
        : name_("read_test." + std::to_string(::getpid()) + "." + std::to_string(next_++)) {
        std::FILE* const file = std::fopen(name_.c_str(), "w");
        std::fwrite(content.data(), 1, content.size(), file);
        std::fclose(file);
    }
    ~File() { ::unlink(name_.c_str()); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    const std::string& name() const { return name_; }

private:
    static inline int next_ = 0;
    std::string name_;
};

// A source that has these records, then perhaps an error, and tells how often it was asked.
class Given : public RecordSource {
public:
    explicit Given(Rows rows, std::string error = {}, int* asked = nullptr)
        : error_(std::move(error)), asked_(asked) {
        for (Texts& row : rows) {
            records_.push_back({std::move(row), nullptr, {}});
        }
    }
    explicit Given(std::vector<Record> records) : records_(std::move(records)) {}

    ants::Task<std::optional<Record>> next() override {
        if (asked_ != nullptr) {
            ++*asked_;
        }
        if (next_ == records_.size()) {
            co_return std::nullopt;
        }
        co_return records_[next_++];
    }
    std::string error() const override { return error_; }

private:
    std::vector<Record> records_;
    std::string error_;
    int* asked_ = nullptr;
    std::size_t next_ = 0;
};

inline std::unique_ptr<RecordSource> given(const Texts& values) {
    Rows rows;
    for (const std::string& value : values) {
        rows.push_back({value});
    }
    return std::make_unique<Given>(std::move(rows));
}

inline std::vector<Record> records_of(RecordSource& source) {
    ants::Carrier carrier;
    std::vector<Record> records;
    while (auto record = carrier.run(source.next())) {
        records.push_back(*record);
    }
    return records;
}

inline Rows rows_of(RecordSource& source) {
    Rows rows;
    for (Record& record : records_of(source)) {
        rows.push_back(std::move(record.fields));
    }
    return rows;
}

// Fields joined by "-", records by " ": "a-1 a-2".
inline std::string text_of(const Rows& rows) {
    std::string text;
    for (const Texts& row : rows) {
        text += text.empty() ? "" : " ";
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += (i == 0 ? "" : "-") + row[i];
        }
    }
    return text;
}

}  // namespace antsrun
