#include "report/journal_format.hpp"

#include <csignal>
#include <memory>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "report/samples.hpp"

namespace antsrun {
namespace {

using std::string_literals::operator""s;
using samples::ended;

std::string line_of(const Outcome& outcome, std::string_view command = "c") {
    return journal_line({samples::job(7), command, 1, outcome});
}

bool is_record(std::string_view line) { return parse_journal_line(line).has_value(); }

}  // namespace

TEST_SUITE("report") {
    TEST_CASE("journal format: a line has the columns of GNU parallel") {
        Outcome outcome = samples::exit_with(3);
        outcome.stdout_bytes = 12;
        CHECK(line_of(outcome, "echo a; exit 3") ==
              "7\t:\t1000000.250\t     0.500\t0\t12\t3\t0\techo a; exit 3\n");

        Job job = samples::job(8);
        job.input = std::make_shared<JobInput>(JobInput{"head", nullptr, 0, 100, nullptr});
        CHECK(journal_line({job, "cat", 1, samples::success(123456.7891)}) ==
              "8\t:\t1000000.250\t123456.789\t104\t0\t0\t0\tcat\n");
    }

    TEST_CASE("journal format: how a job ended") {
        const struct {
            Outcome outcome;
            std::string_view exit_value_and_signal;
        } table[] = {
            {samples::success(), "0\t0"},
            {samples::exit_with(255), "255\t0"},
            {ended(Signaled{.signal = SIGKILL}), "137\t9"},
            {samples::crash(), "139\t11"},
            {ended(NotStarted{NotStarted::Why::not_found, "no"}), "127\t0"},
            {ended(NotStarted{NotStarted::Why::cannot_run, "no"}), "126\t0"},
            {ended(TimedOut{.signal = SIGTERM}), "-1\t15"},
            {ended(TimedOut{.signal = SIGKILL}), "-1\t15"},
            {ended(TimedOut{}), "-1\t15"},
            {ended(Killed{.signal = SIGTERM}), "143\t15"},
            {ended(Killed{.signal = 0, .exit_code = 4}), "4\t0"},
            {ended(Killed{}), "-1\t15"},
            {ended(Thrown{"bug"}), "255\t0"},
        };
        for (const auto& row : table) {
            const std::string line = line_of(row.outcome);
            CAPTURE(line);
            CHECK(line.ends_with("\t" + std::string(row.exit_value_and_signal) + "\tc\n"));
            CHECK(parse_journal_line(line)->failed != row.outcome.succeeded());
        }
    }

    TEST_CASE("journal format: a command that was never started began at no time") {
        Outcome outcome = ended(NotStarted{}, 0);
        outcome.started = {};
        CHECK(line_of(outcome).starts_with("7\t:\t0.000\t     0.000\t"));
    }

    TEST_CASE("journal format: commands, as antsrun writes them and back") {
        const struct {
            std::string command;
            std::string_view written;
        } table[] = {
            {"", ""},
            {"echo caf\xe9 \r \x1b", "echo caf\xe9 \r \x1b"},
            {"a\tb", "a\\tb"},
            {"a\nb\n", "a\\nb\\n"},
            {"printf 'a\\n\\\\'", "printf 'a\\\\n\\\\\\\\'"},
            {"a\0b"s, "a\\0b"},
            {"\\", "\\\\"},
            {"true\n2\t:\t0.000\t     0.000\t0\t0\t0\t0\tforged",
             "true\\n2\\t:\\t0.000\\t     0.000\\t0\\t0\\t0\\t0\\tforged"},
        };
        for (const auto& row : table) {
            CHECK(as_antsrun_writes(row.command) == row.written);
            CHECK(original_command(row.written) == row.command);
            const std::string line = line_of(samples::success(), row.command);
            CHECK(line.find('\n') == line.size() - 1);
            CHECK(parse_journal_line({line.data(), line.size() - 1})->command == row.written);
        }
    }

    TEST_CASE("journal format: commands, as GNU parallel writes them and back") {
        const struct {
            std::string_view command;
            std::string written;
        } table[] = {
            {"a\tb", "a\tb"}, {"a\nb", "a\0b"s}, {"a\tb\\n", "a\tb\\n"},
            {"a\\d", "a\\d"}, {"a\\", "a\\"},    {"a\\\\\\", "a\\\\\\"},
        };
        for (const auto& row : table) {
            CHECK(as_gnu_parallel_writes(row.command) == row.written);
            CHECK(original_command(row.written) == row.command);
        }
    }

    TEST_CASE("journal format: what a line says") {
        // As GNU parallel writes them: skipped, killed, timed out.
        CHECK(parse_journal_line("2\t:\t1.900\t     0.005\t0\t0\t-2\t0\techo 2")->failed);
        CHECK(parse_journal_line("2\t:\t1.900\t     0.005\t0\t0\t0\t9\tkill -9 $$")->failed);
        CHECK(parse_journal_line("2\tme@host\t1.900\t     0.005\t0\t0\t-1\t15\tsleep 5")->failed);

        const auto entry = parse_journal_line("18446744073709551615\t:\t1\t1\t0\t0\t0\t0\ta\tb");
        CHECK(entry->seq == 18446744073709551615U);
        CHECK_FALSE(entry->failed);
        CHECK(entry->command == "a\tb");
        CHECK(parse_journal_line("1\t:\t1\t1\t0\t0\t0\t0\t")->command.empty());
    }

    TEST_CASE("journal format: what is no record") {
        for (const std::string_view line : {
                 "",
                 "\t\t\t\t\t\t\t\t",
                 "1",
                 "1\t:\t1.0\t0.1\t0\t0\t0\t0",
                 "0\t:\t1.0\t0.1\t0\t0\t0\t0\ttrue",
                 "-1\t:\t1.0\t0.1\t0\t0\t0\t0\ttrue",
                 "1x\t:\t1.0\t0.1\t0\t0\t0\t0\ttrue",
                 "18446744073709551616\t:\t1.0\t0.1\t0\t0\t0\t0\ttrue",
                 "1\t\t1.0\t0.1\t0\t0\t0\t0\ttrue",
                 "1\t:\t1.0\t0.1\t0\t0\t \t0\ttrue",
                 "1\t:\t1.0\t0.1\t0\t0\t\t0\ttrue",
                 "1\t:\t1.0\tx\t0\t0\t0\t0\ttrue",
                 "1\t:\t1.0\t0.1\t0\t0\t0\ttrue\tmore",
             }) {
            CAPTURE(line);
            CHECK_FALSE(is_record(line));
        }
        CHECK_FALSE(is_record(kJournalHeader.substr(0, kJournalHeader.size() - 1)));
    }
}

}  // namespace antsrun
