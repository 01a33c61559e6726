#include "expand/job_maker.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "ants/carrier.hpp"
#include "given_records.hpp"

namespace antsrun {
namespace {

TEST_CASE("jobs: blank lines and comments are none, the rest is numbered from 1") {
    GivenRecords records({{{""}, {}, ""},
                          {{"a"}, {}, ""},
                          {{" \t"}, {}, ""},
                          {{"  # b"}, {}, ""},
                          {{"#"}, {}, "too long"},
                          {{" c#"}, {}, ""},
                          {{"d"}, {}, "has a NUL"}},
                         "why");
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
