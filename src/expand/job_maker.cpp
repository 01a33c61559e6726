#include "expand/job_maker.hpp"

#include <string_view>
#include <utility>

namespace antsrun {
namespace {

bool is_command(std::string_view line) {
    const auto first = line.find_first_not_of(" \t");
    return first != std::string_view::npos && line[first] != '#';
}

}  // namespace

ants::Task<std::optional<Job>> JobMaker::next() {
    for (;;) {
        auto record = co_await records_.next();
        if (!record) {
            co_return std::nullopt;
        }
        if (kind_ == Kind::arguments || is_command(record->fields.front())) {
            Job job;
            job.seq = ++last_seq_;
            job.arguments = std::move(record->fields);
            job.names = std::move(record->names);
            job.problem = std::move(record->problem);
            co_return job;
        }
    }
}

}  // namespace antsrun
