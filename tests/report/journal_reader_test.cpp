#include "report/journal_reader.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include "report/files.hpp"
#include "report/journal_format.hpp"

namespace antsrun {
namespace {

using std::string_literals::operator""s;
using Match = JournalRecords::Match;

const std::string kHeader(kJournalHeader);

std::string record(std::uint64_t seq, std::string_view command, int exit_value = 0,
                   int signal = 0) {
    return fmt::format("{}\t:\t1.000\t     0.001\t0\t0\t{}\t{}\t{}\n", seq, exit_value, signal,
                       command);
}

// A log in a directory of its own.
class Log {
public:
    explicit Log(std::string_view text) { put(path, text); }
    JournalRecords read() const {
        auto records = read_journal(path);
        REQUIRE_MESSAGE(records, records.error().message());
        return std::move(*records);
    }
    // "" if it can be read.
    std::string error() const {
        const auto records = read_journal(path);
        return records ? "" : records.error().message();
    }

private:
    const Directory directory_;

public:
    const std::string path = directory_ / "log";
};

// "2 false\n3 ...": the failed ones, one after the other.
std::string failed_in(const JournalRecords& records) {
    std::string list;
    for (std::uint64_t seq = 0;;) {
        const auto failed = records.failed_after(seq);
        REQUIRE(failed);
        if (!*failed) {
            return list;
        }
        seq = (*failed)->seq;
        list += fmt::format("{} {}\n", seq, (*failed)->command);
    }
}

}  // namespace

TEST_SUITE("report") {
    TEST_CASE("journal reader: nothing there") {
        CHECK(Log("").read().size() == 0);
        CHECK(Log("").read().torn_bytes() == 0);
        CHECK(Log(kHeader).read().size() == 0);
        CHECK(Log(kHeader).read().whole_bytes() == kHeader.size());
        CHECK(read_journal("/nonexistent/log")->size() == 0);
        CHECK(read_journal("/dev/null")->size() == 0);
        CHECK(JournalRecords().find(1, "true").match == Match::none);
        CHECK(failed_in(JournalRecords()) == "");
        CHECK(read_journal("/tmp").error().message() == "--joblog '/tmp': Is a directory");
    }

    TEST_CASE("journal reader: jobs are known by number and command") {
        const auto records =
            Log(kHeader + record(3, "sleep 1", 143, 15) + record(1, "true") + record(5, "false", 1))
                .read();
        CHECK(records.size() == 3);
        CHECK(records.find(1, "true").match == Match::same_command);
        CHECK_FALSE(records.find(1, "true").failed);
        CHECK(records.find(1, "true ").match == Match::other_command);
        CHECK(records.find(2, "true").match == Match::none);
        CHECK(records.find(3, "sleep 1").failed);
        CHECK(records.find(5, "false").failed);
        CHECK(records.find(6, "true").match == Match::none);
        CHECK(failed_in(records) == "3 sleep 1\n5 false\n");
    }

    TEST_CASE("journal reader: the last record of a number counts") {
        const auto records =
            Log(kHeader + record(2, "b", 1) + record(1, "a") + record(1, "a", 1) + record(2, "b") +
                record(3, "old") + record(3, "new", 7) + record(2, "b") + record(1, "a", 2))
                .read();
        CHECK(records.size() == 3);
        CHECK(records.find(1, "a").failed);
        CHECK_FALSE(records.find(2, "b").failed);
        CHECK(records.find(3, "old").match == Match::other_command);
        CHECK(failed_in(records) == "1 a\n3 new\n");
    }

    TEST_CASE("journal reader: commands of any bytes, by either writer") {
        const auto records = Log(kHeader + record(1, "a\\tb\\nc\\\\", 1) + record(2, "a\tb\\", 1) +
                                 record(3, "a\0b"s, 1) + record(4, "echo \\n", 1))
                                 .read();
        CHECK(records.find(1, "a\tb\nc\\").match == Match::same_command);
        CHECK(records.find(2, "a\tb\\").match == Match::same_command);
        CHECK(records.find(3, "a\nb").match == Match::same_command);
        // Who wrote it?
        CHECK(records.find(4, "echo \\n").match == Match::same_command);
        CHECK(records.find(4, "echo \n").match == Match::same_command);
        CHECK(records.find(4, "echo n").match == Match::other_command);
        CHECK(failed_in(records) == "1 a\tb\nc\\\n2 a\tb\\\n3 a\nb\n4 echo \n\n");
    }

    TEST_CASE("journal reader: a torn last line") {
        const std::string whole = kHeader + record(1, "true");
        for (const std::string& torn : {"2"s, "2\t:\t1."s, record(2, "tru").substr(0, 32),
                                        "\0\0\0\0"s, "2\t:\t1\t1\t0\t0\t0\t0\tlooks whole"s}) {
            const auto records = Log(whole + torn).read();
            CHECK(records.size() == 1);
            CHECK(records.whole_bytes() == whole.size());
            CHECK(records.torn_bytes() == torn.size());
            CHECK(records.find(2, "tru").match == Match::none);
        }
        const auto header_only = Log(kHeader.substr(0, 9)).read();
        CHECK(header_only.whole_bytes() == 0);
        CHECK(header_only.torn_bytes() == 9);
    }

    TEST_CASE("journal reader: what is no job log is refused, and the line named") {
        const struct {
            std::string text;
            int line;
        } table[] = {
            {"some notes\n", 1},
            {"some notes", 1},
            {"Seq\tHost\n", 1},
            {"\n", 1},
            {"\x7f"s + "ELF\x02\x01\0\0\0\x93\xfe"s, 1},
            {kHeader + record(1, "true") + "2\t:\t17\n" + record(3, "true"), 3},
            {kHeader + kHeader, 2},
            {kHeader + "\n" + record(1, "true"), 2},
            {std::string(65 * 1024 * 1024, 'x'), 1},
            {kHeader + std::string(65 * 1024 * 1024, '1'), 2},
        };
        for (const auto& row : table) {
            const Log log(row.text);
            const std::string start =
                fmt::format("--joblog '{}': line {} is not", log.path, row.line);
            CHECK(log.error().substr(0, start.size()) == start);
        }
    }

    TEST_CASE("journal reader: GNU parallel leaves out the header when it appends to a new file") {
        CHECK(Log(record(1, "true")).read().find(1, "true").match == Match::same_command);
    }

    TEST_CASE("journal reader: a command of megabytes") {
        const std::string command(5'000'000, 'x');
        const auto records = Log(kHeader + record(1, "true") + record(2, command, 1) +
                                 record(3, "after") + record(4, "last", 1))
                                 .read();
        CHECK(records.find(2, command).match == Match::same_command);
        CHECK(records.find(2, command + 'x').match == Match::other_command);
        CHECK(records.find(3, "after").match == Match::same_command);
        CHECK(records.failed_after(1)->value().command == command);
        CHECK(records.failed_after(2)->value().command == "last");
    }

    TEST_CASE("journal reader: lines that end anywhere in what is read at once") {
        std::string text = kHeader;
        for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
            text += record(seq, std::string(seq % 97, 'c'), seq % 1000 == 0);
        }
        const auto records = Log(text).read();
        CHECK(records.size() == 20'000);
        bool all_found = true;
        for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
            const auto found = records.find(seq, std::string(seq % 97, 'c'));
            all_found = all_found && found.match == Match::same_command &&
                        found.failed == (seq % 1000 == 0);
        }
        CHECK(all_found);
        CHECK(records.failed_after(19'000)->value().command == std::string(20'000 % 97, 'c'));
    }

    TEST_CASE("journal reader: a log that has become shorter meanwhile") {
        const Log log(kHeader + record(1, "false", 1));
        const auto records = log.read();
        REQUIRE(::truncate(log.path.c_str(), 10) == 0);
        CHECK(records.failed_after(0).error().message() ==
              "--joblog '" + log.path + "': read: Input/output error");
    }

    TEST_CASE("journal reader: whatever is in the file, it is read or refused") {
        std::mt19937 random(4711);
        const auto upto = [&](std::size_t most) {
            return std::uniform_int_distribution<std::size_t>(0, most)(random);
        };
        std::string good(kHeader);
        for (std::uint64_t seq = 1; seq <= 20; ++seq) {
            good += record(seq, "echo a\\tb\\\\ " + std::to_string(seq), seq % 3 == 0 ? 1 : 0);
        }
        int read = 0;
        for (int round = 0; round < 5000; ++round) {
            std::string text = good.substr(0, upto(1) == 0 ? good.size() : upto(good.size()));
            for (std::size_t change = upto(3); change > 0 && !text.empty(); --change) {
                const std::size_t at = upto(text.size() - 1);
                switch (upto(2)) {
                    case 0: text[at] = "\t\n\\\0x9-"[upto(6)]; break;
                    case 1: text.erase(at, upto(40)); break;
                    default: text.insert(at, text.substr(upto(text.size() - 1), upto(60)));
                }
            }
            const Log log(text);
            const auto records = read_journal(log.path);
            if (!records) {
                continue;
            }
            ++read;
            CHECK(records->whole_bytes() + records->torn_bytes() == text.size());
            CHECK(records->size() <= 40);
            // Each failed one once, in order.
            std::uint64_t last = 0;
            for (auto failed = records->failed_after(0); failed && *failed;
                 failed = records->failed_after(last)) {
                CHECK((*failed)->seq > last);
                last = (*failed)->seq;
            }
        }
        CHECK(read > 500);
    }

    TEST_CASE("journal reader: a fifo is not waited for") {
        const Directory directory;
        const std::string name = directory / "fifo";
        REQUIRE(::mkfifo(name.c_str(), 0600) == 0);
        CHECK(read_journal(name)->size() == 0);
    }
}

}  // namespace antsrun
