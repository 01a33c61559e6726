#include "report/summary.hpp"

#include <doctest/doctest.h>

#include "samples.hpp"

namespace antsrun {

using namespace samples;

TEST_SUITE("report") {
    TEST_CASE("summary: every job is counted once") {
        Summary summary(1000);
        run(summary, 1, "true", success());
        run(summary, 2, "false", exit_with(1));
        run(summary, 3, "crash", crash());
        run(summary, 4, "nope", ended(NotStarted{NotStarted::Why::not_found, "not found"}, 0));
        Outcome daemon = success();
        daemon.leaked = true;
        run(summary, 5, "sleep 9 &", daemon);
        summary.on_read(samples::job(6));
        summary.on_not_started(samples::job(6));

        const JobCounts& counts = summary.counts();
        CHECK(counts.read == 6);
        CHECK(counts.started == 5);
        CHECK(counts.succeeded == 2);
        CHECK(counts.failed == 3);
        CHECK(counts.panicked == 1);
        CHECK(counts.not_started == 1);
        CHECK(counts.leaked == 1);
        // What was never executed has no latency.
        CHECK(summary.latency().count() == 4);
    }

    TEST_CASE("summary: failures") {
        Summary summary(2);
        SUBCASE("are kept in the order they happened, up to the limit; the rest is counted") {
            for (std::uint64_t seq = 1; seq <= 5; ++seq) {
                run(summary, seq, "false", exit_with(static_cast<int>(seq)));
            }
            REQUIRE(summary.failures().size() == 2);
            CHECK(summary.failures()[1].message.utf8 == "exit 2");
            CHECK(summary.failures_omitted() == 3);
        }
        SUBCASE("do not crowd out a panic") {
            run(summary, 1, "false", exit_with(1));
            run(summary, 2, "false", exit_with(1));
            run(summary, 3, "boom", crash());
            CHECK(summary.failures_omitted() == 1);
            REQUIRE(summary.panics().size() == 1);
            CHECK(summary.panics()[0].seq == 3);
            CHECK(summary.panics_omitted() == 0);
        }
        SUBCASE("with limit 0 are only counted") {
            Summary none(0);
            run(none, 1, "boom", crash());
            CHECK(none.failures_omitted() == 1);
            CHECK(none.panics_omitted() == 1);
        }
    }

    TEST_CASE("summary: texts are bounded and made UTF-8") {
        Summary summary(1'000'000);
        SUBCASE("a long command is cut, not inside a character") {
            const std::string start(Summary::kMaxCommand - 1, 'x');
            run(summary, 1, start + "\xC3\xA9tail", exit_with(1));
            const ReportText& command = summary.failures()[0].command;
            CHECK(command.utf8 == start);
            CHECK(command.truncated);
            CHECK_FALSE(command.escaped);
        }
        SUBCASE("a tail that begins inside a character loses that character only") {
            std::string tail = "\xA9" + std::string(kStderrTail - 1, 'x');
            run(summary, 1, "false", saying(exit_with(1), tail));
            CHECK(summary.failures()[0].stderr_tail.utf8 == tail.substr(1));
            CHECK_FALSE(summary.failures()[0].stderr_tail.escaped);
        }
        SUBCASE("bytes that are not UTF-8 are escaped") {
            run(summary, 1, "a\xFF", exit_with(1));
            CHECK(summary.failures()[0].command.utf8 == "a\\xff");
            CHECK(summary.failures()[0].command.escaped);
        }
        SUBCASE("all together they have a budget, and the first ones get it") {
            const std::string hostile(Summary::kMaxCommand, '\x01');
            for (std::uint64_t seq = 1; seq <= 5000; ++seq) {
                run(summary, seq, hostile, saying(crash(), std::string(kStderrTail, '\x02')));
            }
            run(summary, 5001, "short", exit_with(1));
            const std::size_t kept = summary.failures().size();
            CHECK(kept > 100);
            CHECK(summary.failures_omitted() == 5001 - kept);
            CHECK(summary.failures().back().seq == kept);
        }
    }

    TEST_CASE("summary: workers") {
        Summary summary(1000);
        run(summary, 1, "a", success(0.5), 2);
        run(summary, 2, "b", crash(), 2);
        run(summary, 3, "c", success(0.25), 5);
        run(summary, 4, "refused", ended(Thrown{"pool closed"}), 0);

        REQUIRE(summary.workers().size() == 5);
        const WorkerFigures& second = summary.workers()[1];
        CHECK(second.jobs == 2);
        CHECK(second.failed == 1);
        CHECK(second.panics == 1);
        CHECK(second.busy_seconds == doctest::Approx(1.0));
        CHECK(second.user_seconds == doctest::Approx(0.5));
        CHECK(second.max_rss_bytes == 4096);
        CHECK(summary.workers()[0].jobs == 0);
    }

    TEST_CASE("summary: the ten slowest, the slowest first") {
        Summary summary(1000);
        for (std::uint64_t seq = 1; seq <= 100; ++seq) {
            const double seconds = static_cast<double>(seq * 37 % 101);
            run(summary, seq, "job " + std::to_string(seq), success(seconds));
        }
        const auto slowest = summary.slowest();
        REQUIRE(slowest.size() == Summary::kSlowest);
        for (std::size_t i = 0; i < slowest.size(); ++i) {
            CHECK(slowest[i].seconds == doctest::Approx(100.0 - static_cast<double>(i)));
            CHECK(slowest[i].command == "job " + std::to_string(slowest[i].seq));
        }
    }
}

}  // namespace antsrun
