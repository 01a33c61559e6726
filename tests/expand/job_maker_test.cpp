#include "expand/job_maker.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

class GivenRecords : public RecordSource {
public:
    explicit GivenRecords(std::vector<Record> records) : records_(std::move(records)) {}
    ants::Task<std::optional<Record>> next() override {
        if (next_ == records_.size()) {
            co_return std::nullopt;
        }
        co_return records_[next_++];
    }
    std::string error() const override { return "why"; }

private:
    std::vector<Record> records_;
    std::size_t next_ = 0;
};

TEST_CASE("jobs: blank lines and comments are none, the rest is numbered from 1") {
    GivenRecords records({{{""}, {}, ""},
                          {{"a"}, {}, ""},
                          {{" \t"}, {}, ""},
                          {{"  # b"}, {}, ""},
                          {{"#"}, {}, "too long"},
                          {{" c#"}, {}, ""},
                          {{"d"}, {}, "has a NUL"}});
    JobMaker jobs(records, JobMaker::Kind::command_lines);
    ants::Carrier carrier;
    std::vector<Job> all;
    while (auto job = carrier.run(jobs.next())) {
        all.push_back(*job);
    }
    REQUIRE(all.size() == 3);
    CHECK(all[0].seq == 1);
    CHECK(all[0].arguments.front() == "a");
    CHECK(all[1].seq == 2);
    CHECK(all[1].arguments.front() == " c#");
    CHECK(all[2].problem == "has a NUL");
    CHECK(jobs.error() == "why");
}

TEST_CASE("jobs: every record is one if its fields are arguments") {
    const auto names = std::make_shared<const std::vector<std::string>>();
    GivenRecords records({{{""}, names, ""}, {{"#", "b"}, names, ""}});
    JobMaker jobs(records, JobMaker::Kind::arguments);
    ants::Carrier carrier;
    CHECK(carrier.run(jobs.next())->arguments == std::vector<std::string>{""});
    const auto second = carrier.run(jobs.next());
    CHECK(second->seq == 2);
    CHECK(second->arguments == std::vector<std::string>{"#", "b"});
    CHECK(second->names == names);
}

}  // namespace
}  // namespace antsrun
