// One JSON object for each job as it ends (--jsonl), a line each: the fields of the report's
// failures[], the arguments, and how much the job wrote. Described in man/antsrun-report.5. Control
// thread.
#pragma once

#include <string>

#include "job/seams.hpp"
#include "report/line_file.hpp"

namespace antsrun {

class JsonLines : public Observer {
public:
    // `file` outlives this. `host`: name of this machine.
    JsonLines(LineFile& file, std::string host);

    void on_read(const Job&) override {}
    void on_finished(const Finished& finished) override;
    void on_not_started(const Job&) override {}

private:
    LineFile& file_;
    const std::string host_;
};

}  // namespace antsrun
