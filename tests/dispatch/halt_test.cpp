#include "dispatch/halt.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

namespace antsrun {
namespace {

using When = HaltConfig::When;
using Why = HaltConfig::Why;

struct Case {
    HaltConfig config;
    std::string_view jobs;  // '.' succeeds, 'f' exits with 3, 'k' dies of SIGKILL
    std::size_t reached;    // behind so many; 0: never
    int status;             // -1: that of any run
};

Outcome outcome_of(char job) {
    Outcome outcome;
    if (job == 'k') {
        outcome.ending = Signaled{9, false};
    } else {
        outcome.ending = Exited{job == 'f' ? 3 : 0};
    }
    return outcome;
}

TEST_CASE("halt: when, and with which status") {
    const std::vector<Case> cases{
        {{}, "ffff", 0, -1},
        {{When::now, Why::fail, 1, false}, "..f.", 3, 3},
        {{When::now, Why::fail, 1, false}, "..k.", 3, 137},
        {{When::now, Why::fail, 1, false}, "....", 0, -1},
        {{When::soon, Why::fail, 2, false}, ".f.f", 4, 2},
        {{When::soon, Why::fail, 2, false}, ".f..", 0, -1},
        {{When::now, Why::success, 2, false}, "f..f", 3, 0},
        {{When::now, Why::done, 2, false}, "f...", 2, -1},
        {{When::now, Why::fail, 50, true}, "f...", 0, -1},
        {{When::now, Why::fail, 50, true}, "f.f.", 3, 50},
        {{When::now, Why::fail, 51, true}, "f.f.", 0, -1},
        {{When::now, Why::success, 100, true}, "....", 4, 0},
        {{When::now, Why::success, 100, true}, "...f", 0, -1},
        {{When::now, Why::done, 75, true}, "f...", 3, -1},
    };
    for (const Case& c : cases) {
        CAPTURE(c.jobs);
        CAPTURE(c.config.value);
        std::size_t ended = 0;
        std::size_t reached = 0;
        Halt halt(c.config, [&](When when) {
            CHECK(reached == 0);
            CHECK(when == c.config.when);
            reached = ended;
        });
        for (const char each : c.jobs) {
            Job job;
            job.seq = ++ended;
            job.total = c.jobs.size();
            const Outcome outcome = outcome_of(each);
            halt.on_finished({job, "", 1, outcome, {}});
        }
        CHECK(reached == c.reached);
        CHECK(halt.exit_status().value_or(-1) == c.status);
    }
}

}  // namespace
}  // namespace antsrun
