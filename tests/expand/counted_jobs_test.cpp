#include "expand/counted_jobs.hpp"

#include <doctest/doctest.h>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

class ThreeJobs : public JobSource {
public:
    explicit ThreeJobs(int& given) : given_(given) {}
    ants::Task<std::optional<Job>> next() override {
        if (given_ == 3) {
            co_return std::nullopt;
        }
        Job job;
        job.seq = static_cast<std::uint64_t>(++given_);
        co_return job;
    }
    std::string error() const override { return "torn"; }

private:
    int& given_;
};

TEST_CASE("counted jobs: all are read before the first, and know how many there are") {
    int given = 0;
    CountedJobs jobs(std::make_unique<ThreeJobs>(given));
    ants::Carrier control;
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
        const auto job = control.run(jobs.next());
        CHECK(given == 3);
        REQUIRE(job);
        CHECK(job->seq == seq);
        CHECK(job->total == 3);
    }
    CHECK(!control.run(jobs.next()));
    CHECK(!control.run(jobs.next()));
    CHECK(jobs.error() == "torn");
}

}  // namespace
}  // namespace antsrun
