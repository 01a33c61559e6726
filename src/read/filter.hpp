// What of a source is used: not its blank records (-r), and nothing from a certain text on (-E). It
// looks at records as they stand in the source, before they are split or trimmed, as GNU parallel
// does. Control thread only.
#pragma once

#include <memory>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

class Filter : public RecordSource {
public:
    // An empty `end_string` ends nothing.
    Filter(std::unique_ptr<RecordSource> records, std::string end_string, bool drop_blank);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override { return records_->error(); }

private:
    bool is_end(const Record& record) const;
    bool is_dropped(const Record& record) const;

    const std::unique_ptr<RecordSource> records_;
    const std::string end_string_;
    const bool drop_blank_;
    bool is_over_ = false;
};

}  // namespace antsrun
