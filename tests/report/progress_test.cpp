#include "report/progress.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "samples.hpp"

namespace antsrun {

using namespace samples;

TEST_SUITE("report") {
    TEST_CASE("progress: what a line says") {
        struct Row {
            ProgressFigures figures;
            const char* expected;
        };
        const Row rows[] = {
            {{}, "antsrun: 0 done, 0 running, 0 failed"},
            {{.running = 4, .seconds = 3}, "antsrun: 0 done, 4 running, 0 failed"},
            {{.done = 6, .failed = 2, .running = 4, .seconds = 4},
             "antsrun: 6 done, 4 running, 2 failed, 1.5/s"},
            {{.done = 999, .running = 1, .seconds = 100},
             "antsrun: 999 done, 1 running, 0 failed, 10/s"},
            {{.done = 1, .total = 3, .seconds = 4},
             "antsrun: 1/3 done, 0 running, 0 failed, 0.2/s, ETA 8s"},
            {{.done = 3, .total = 3, .seconds = 3},
             "antsrun: 3/3 done, 0 running, 0 failed, 1.0/s"},
            {{.total = 0, .seconds = 1}, "antsrun: 0/0 done, 0 running, 0 failed"},
        };
        for (const Row& row : rows) {
            CHECK(progress_text(row.figures) == row.expected);
        }
    }

    TEST_CASE("progress: the time that is left") {
        struct Row {
            std::uint64_t left;  // with one job a second
            const char* expected;
        };
        for (const Row& row : {Row{1, "ETA 1s"},
                               {59, "ETA 59s"},
                               {60, "ETA 1m00s"},
                               {65, "ETA 1m05s"},
                               {3600, "ETA 1h00m"},
                               {7380, "ETA 2h03m"},
                               {86400, "ETA 1d00h"},
                               {4 * 86400 + 5 * 3600, "ETA 4d05h"},
                               {1'000'000'000'000, "ETA 1000d00h"}}) {
            const ProgressFigures figures{.done = 1, .total = row.left + 1, .seconds = 1};
            CHECK(progress_text(figures).ends_with(row.expected));
        }
    }

    TEST_CASE("progress: the bar") {
        const auto line = [](std::uint64_t done, std::uint64_t total) {
            const std::string text = progress_line({.done = done, .total = total}, 60);
            return text.substr(text.find('['));
        };
        CHECK(line(0, 4) == "[>              ] 0%");
        CHECK(line(1, 4) == "[===>          ] 25%");
        CHECK(line(4, 4) == "[=============] 100%");
        CHECK(progress_line({.done = 1}, 200).find('[') == std::string::npos);
        CHECK(progress_line({.done = 1, .total = 2}, 500).size() < 120);
    }

    TEST_CASE("progress: a line is shorter than the terminal is wide") {
        const ProgressFigures figures{
            .done = 1200, .failed = 3, .running = 8, .total = 5000, .seconds = 10};
        std::string before;
        for (int columns = 0; columns < 200; ++columns) {
            const std::string line = progress_line(figures, columns);
            CHECK(static_cast<int>(line.size()) <= std::max(columns - 1, 0));
            CHECK(line.size() + 12 >= before.size());
            before = line;
        }
        CHECK(progress_line(figures, 20) == "antsrun: 1200/5000 ");
        CHECK(progress_line(figures, 50) == "antsrun: 1200/5000 done, 8 running, 3 failed 24%");
        CHECK(progress_line(figures, 80) ==
              "antsrun: 1200/5000 done, 8 running, 3 failed, 120/s, ETA 32s [==>         ] 24%");
    }

    TEST_CASE("progress: counts") {
        Progress progress(2);
        CHECK(progress.figures(1).done == 0);
        run(progress, 1, "good", success());
        run(progress, 2, "bad", exit_with(1));
        for (const std::uint64_t seq : {3, 4, 5}) {
            progress.on_read(samples::job(seq));
        }
        ProgressFigures figures = progress.figures(1.5);
        CHECK(figures.done == 2);
        CHECK(figures.failed == 1);
        CHECK(figures.running == 2);  // and one that waits
        CHECK_FALSE(figures.total);
        CHECK(figures.seconds == 1.5);

        progress.on_input_end();
        progress.on_not_started(samples::job(5));
        progress.on_finished({samples::job(4), "", 1, success()});
        figures = progress.figures(2);
        CHECK(figures.running == 1);
        CHECK(figures.total == 5);
    }
}

}  // namespace antsrun
