#include "report/journal.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/files.hpp"
#include "report/journal_format.hpp"
#include "report/samples.hpp"

namespace antsrun {
namespace {

using Mode = Journal::Mode;
using Match = JournalRecords::Match;

const std::string kHeader(kJournalHeader);

Journal must_open(const std::string& name, Mode mode) {
    auto journal = Journal::open(name, mode);
    REQUIRE_MESSAGE(journal, journal.error().message());
    return std::move(*journal);
}

// "" if it opens.
std::string open_error(const std::string& name, Mode mode) {
    const auto journal = Journal::open(name, mode);
    return journal ? "" : journal.error().message();
}

std::optional<Error> record(Journal& journal, std::uint64_t seq, std::string_view command) {
    return journal.record({samples::job(seq), command, 1, samples::success()});
}

std::string line_of(std::uint64_t seq, std::string_view command) {
    return journal_line({samples::job(seq), command, 1, samples::success()});
}

// Files become no larger than this, as on a full disk: what still fits is written.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*const handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

// Stops whoever opens the file, at the moment when it has been found by its name, but is not open.
class Lease {
public:
    explicit Lease(const std::string& path)
        : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)),
          is_held(::fcntl(file_.get(), F_SETLEASE, F_WRLCK) == 0) {
        ::sigemptyset(&broken_);
        ::sigaddset(&broken_, SIGIO);
        ::pthread_sigmask(SIG_BLOCK, &broken_, &before_);
    }
    ~Lease() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    // Somebody is stopped.
    bool stops_somebody() const {
        const timespec patience{.tv_sec = 20, .tv_nsec = 0};
        return ::sigtimedwait(&broken_, nullptr, &patience) == SIGIO;
    }
    void let_go() { file_.reset(); }

private:
    UniqueFd file_;
    sigset_t broken_{};
    sigset_t before_{};

public:
    const bool is_held;  // not every file system has leases
};

// A pipe that keeps apart what was written apart. Its writing end has a name, as a caller's would.
class PacketPipe {
public:
    PacketPipe() {
        REQUIRE(::pipe2(ends_.data(), O_DIRECT | O_NONBLOCK) == 0);
        name = "/dev/fd/" + std::to_string(ends_[1]);
    }
    ~PacketPipe() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    std::string read() const {
        std::array<char, 4096> packet{};
        const ssize_t n = ::read(ends_[0], packet.data(), packet.size());
        return {packet.data(), n < 0 ? 0 : static_cast<std::size_t>(n)};
    }
    std::string name;

private:
    std::array<int, 2> ends_{};
};

}  // namespace

TEST_SUITE("report") {
    TEST_CASE("journal: a new file") {
        const Directory directory;
        const std::string name = directory / "log";
        for (const Mode mode : {Mode::replace, Mode::append}) {
            const Umask umask(027);
            Journal journal = must_open(name, mode);
            CHECK(content(name) == kHeader);
            CHECK(mode_of(name) == 0640);
            CHECK_FALSE(record(journal, 2, "a\nb\t\\"));
            CHECK_FALSE(record(journal, 1, "true"));
            CHECK(content(name) == kHeader + line_of(2, "a\nb\t\\") + line_of(1, "true"));
            CHECK(journal.take_recorded().size() == 0);
            CHECK(directory.count() == 1);
            fs::remove(name);
        }
    }

    TEST_CASE("journal: each line is one write") {
        const PacketPipe pipe;
        Journal journal = must_open(pipe.name, Mode::append);
        CHECK(pipe.read() == kHeader);
        REQUIRE_FALSE(record(journal, 1, "echo 'a\nb'"));
        REQUIRE_FALSE(record(journal, 2, std::string(3000, 'x')));
        CHECK(pipe.read() == line_of(1, "echo 'a\nb'"));
        CHECK(pipe.read() == line_of(2, std::string(3000, 'x')));
        CHECK(pipe.read() == "");
    }

    TEST_CASE("journal: one that exists is kept aside") {
        const Directory directory;
        const std::string name = directory / "log";
        const std::string kept = directory / "log~";
        const Umask umask(022);
        SUBCASE("whatever it says, in the place of the one before") {
            put(name, "notes, not a log");
            put(kept, "older");
            Journal journal = must_open(name, Mode::replace);
            CHECK(content(name) == kHeader);
            CHECK(content(kept) == "notes, not a log");
            CHECK(directory.count() == 2);
            CHECK(journal.take_recorded().size() == 0);
        }
        SUBCASE("but not one that is empty") {
            put(name, "");
            put(kept, "older");
            must_open(name, Mode::replace);
            CHECK(content(name) == kHeader);
            CHECK(content(kept) == "older");
        }
        SUBCASE("and the new one is as private") {
            put(name, "x", 0600);
            must_open(name, Mode::replace);
            CHECK(mode_of(name) == 0600);
        }
        SUBCASE("and the new one is not open to more than a new file would be") {
            put(name, "x", 0666);
            must_open(name, Mode::replace);
            CHECK(mode_of(name) == 0644);
        }
        SUBCASE("or it stays where it is") {
            put(name, "x");
            fs::create_directories(kept + "/sub");
            CHECK(open_error(name, Mode::replace) ==
                  "--joblog '" + name + "': keep the old one as 'log~': Is a directory");
            CHECK(content(name) == "x");
        }
    }

    TEST_CASE("journal: one that exists is continued") {
        const Directory directory;
        const std::string name = directory / "log";
        const std::string old = kHeader + line_of(1, "a") + line_of(2, "b");
        SUBCASE("from its end") {
            put(name, old);
            Journal journal = must_open(name, Mode::append);
            const auto records = journal.take_recorded();
            CHECK(records.find(2, "b").match == Match::same_command);
            CHECK_FALSE(record(journal, 3, "c"));
            CHECK(content(name) == old + line_of(3, "c"));
        }
        SUBCASE("after a torn record has been cut off") {
            for (const std::string torn : {"3", "3\t:\t0\t0\t0\t0\t0\t0\tno newline"}) {
                put(name, old + torn);
                Journal journal = must_open(name, Mode::append);
                CHECK(content(name) == old);
                const auto records = journal.take_recorded();
                CHECK(records.torn_bytes() == torn.size());
                CHECK(records.find(3, "no newline").match == Match::none);
                CHECK_FALSE(record(journal, 3, "c"));
                CHECK(content(name) == old + line_of(3, "c"));
            }
        }
        SUBCASE("from its beginning, if that is torn") {
            put(name, "Seq\tHo");
            must_open(name, Mode::append);
            CHECK(content(name) == kHeader);
        }
        SUBCASE("but not if it is something else, which is left alone") {
            for (const std::string text : {"notes", "notes\n"}) {
                put(name, text);
                CHECK(open_error(name, Mode::append).find("line 1 is not") != std::string::npos);
                CHECK(content(name) == text);
            }
        }
        CHECK(directory.count() == 1);
    }

    TEST_CASE("journal: a second run on the same file is refused") {
        const Directory directory;
        const std::string name = directory / "log";
        const std::string refusal = "--joblog '" + name + "': another run is writing to it";
        {
            Journal first = must_open(name, Mode::append);
            REQUIRE_FALSE(record(first, 1, "a"));
            CHECK(open_error(name, Mode::append) == refusal);
            CHECK(open_error(name, Mode::replace) == refusal);
            fs::create_symlink("log", directory / "link");
            CHECK(open_error(directory / "link", Mode::replace).ends_with("is writing to it"));
            CHECK(directory.count() == 2);
            CHECK(content(name) == kHeader + line_of(1, "a"));
        }
        CHECK(open_error(name, Mode::append) == "");
    }

    TEST_CASE("journal: the lock outlives the records read under it") {
        const Directory directory;
        const std::string name = directory / "log";
        put(name, kHeader + line_of(1, "a"));
        Journal journal = must_open(name, Mode::append);
        journal.take_recorded();
        CHECK(open_error(name, Mode::append) != "");
    }

    TEST_CASE("journal: a file that loses its name while it is opened is not the one") {
        const Directory directory;
        const std::string name = directory / "log";
        put(name, kHeader + line_of(1, "old"));
        Lease lease(name);
        if (!lease.is_held) {
            MESSAGE("skipped: no leases here");
            return;
        }
        std::string error;
        std::jthread second([&] { error = open_error(name, Mode::replace); });
        REQUIRE(lease.stops_somebody());
        fs::rename(name, directory / "log~");
        Journal first = must_open(name, Mode::replace);
        lease.let_go();
        second.join();
        CHECK(error.ends_with("another run is writing to it"));
        CHECK_FALSE(record(first, 1, "new"));
        CHECK(content(name) == kHeader + line_of(1, "new"));
        CHECK(content(directory / "log~") == kHeader + line_of(1, "old"));
    }

    TEST_CASE("journal: of many runs at once, one at a time has the file, and it is its own") {
        const Directory directory;
        const std::string name = directory / "log";
        std::atomic<int> writing{0};
        std::atomic<int> opened{0};
        std::atomic<int> wrong{0};
        const auto runs = [&](std::uint64_t seq) {
            for (int i = 0; i < 2000; ++i) {
                auto journal = Journal::open(name, Mode::replace);
                if (!journal) {
                    continue;
                }
                ++opened;
                wrong += writing.fetch_add(1) != 0;
                wrong += record(*journal, seq, "mine").has_value();
                wrong += content(name) != kHeader + line_of(seq, "mine");
                --writing;
            }
        };
        std::vector<std::jthread> threads;
        for (std::uint64_t seq = 1; seq <= 4; ++seq) {
            threads.emplace_back(runs, seq);
        }
        threads.clear();
        CHECK(opened > 0);
        CHECK(wrong == 0);
    }

    TEST_CASE("journal: a full disk") {
        const Directory directory;
        const std::string name = directory / "log";
        SUBCASE("is known before the first job") {
            CHECK(open_error("/dev/full", Mode::replace) ==
                  "--joblog '/dev/full': No space left on device");
            CHECK(open_error("/dev/full", Mode::append) != "");
            const FileSizeLimit limit(10);
            CHECK(open_error(name, Mode::replace) == "--joblog '" + name + "': File too large");
            CHECK(content(name) == "");
        }
        SUBCASE("leaves no torn line") {
            Journal journal = must_open(name, Mode::replace);
            REQUIRE_FALSE(record(journal, 1, "first"));
            const std::string before = content(name);
            {
                const FileSizeLimit limit(before.size() + 20);
                CHECK(record(journal, 2, "second")->message() ==
                      "--joblog '" + name + "': File too large");
                CHECK(content(name) == before);
                CHECK(record(journal, 3, "third").has_value());
                CHECK(content(name) == before);
            }
            CHECK_FALSE(record(journal, 4, "fourth"));
            CHECK(content(name) == before + line_of(4, "fourth"));
        }
    }

    TEST_CASE("journal: what cannot be a log") {
        const Directory directory;
        for (const Mode mode : {Mode::replace, Mode::append}) {
            CHECK(open_error(directory / "no/log", mode).ends_with("No such file or directory"));
            CHECK(open_error(directory.path(), mode).ends_with("is a directory; a file is needed"));
            CHECK(open_error("/dev/fd/987", mode).ends_with("987 is not open for writing"));
        }
        CHECK(directory.count() == 0);
    }

    TEST_CASE("journal: symbolic links are followed, and stay") {
        const Directory directory;
        fs::create_directory(directory / "sub");
        put(directory / "sub/target", kHeader + line_of(1, "a"));
        fs::create_symlink("sub/target", directory / "link");
        CHECK(must_open(directory / "link", Mode::append).take_recorded().size() == 1);
        must_open(directory / "link", Mode::replace);
        CHECK(fs::is_symlink(directory / "link"));
        CHECK(content(directory / "sub/target") == kHeader);
        CHECK(content(directory / "sub/target~") == kHeader + line_of(1, "a"));
    }

    TEST_CASE("journal: devices and fifos are written in place") {
        const Directory directory;
        const std::string name = directory / "fifo";
        REQUIRE(::mkfifo(name.c_str(), 0600) == 0);
        for (const Mode mode : {Mode::replace, Mode::append}) {
            Journal journal = must_open("/dev/null", mode);
            CHECK_FALSE(record(journal, 1, "a"));
            CHECK(open_error(name, mode) == "--joblog '" + name + "': nobody reads it");

            const UniqueFd reader(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
            Journal to_fifo = must_open(name, mode);
            CHECK_FALSE(record(to_fifo, 1, "a"));
            std::string text(4096, '\0');
            text.resize(static_cast<std::size_t>(::read(reader.get(), text.data(), text.size())));
            CHECK(text == kHeader + line_of(1, "a"));
        }
        CHECK(fs::is_character_file("/dev/null"));
        CHECK(fs::is_fifo(name));
        CHECK(directory.count() == 1);
    }

    TEST_CASE("journal: an open descriptor goes on where the caller has got to") {
        const Directory directory;
        const std::string name = directory / "out";
        const int file = ::open(name.c_str(), O_WRONLY | O_CREAT, 0600);  // inherited, as it were
        REQUIRE(::write(file, "before\n", 7) == 7);
        Journal journal = must_open("/dev/fd/" + std::to_string(file), Mode::replace);
        CHECK_FALSE(record(journal, 1, "a"));
        ::close(file);
        CHECK(content(name) == "before\n" + kHeader + line_of(1, "a"));
    }

    TEST_CASE("journal: no descriptor is left, and none goes to a job") {
        const Directory directory;
        const std::string name = directory / "log";
        const auto open_now = [] {
            return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{});
        };
        const auto before = open_now();
        {
            put(name, kHeader + line_of(1, "a"));
            const Journal journal = must_open(name, Mode::append);
            CHECK(open_now() > before);
            int exposed = 0;
            for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
                std::error_code gone;
                if (fs::read_symlink(entry, gone) == name) {
                    const int fd = std::stoi(entry.path().filename());
                    exposed += (::fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
                }
            }
            CHECK(exposed == 0);
            CHECK(open_error(name, Mode::replace) != "");
        }
        CHECK(open_now() == before);
    }

    TEST_CASE("journal: GNU parallel's log is read here, and goes on from ours") {
        if (std::system("parallel --version 2>/dev/null | grep -q GNU") != 0) {
            MESSAGE("skipped: needs GNU parallel");
            return;
        }
        const Directory directory;
        const std::string name = directory / "log";
        const auto parallel = [&](const std::string& arguments) {
            const std::string line = "cd '" + directory.path() +
                                     "' && PARALLEL_HOME=$PWD PARALLEL_SHELL=/bin/sh parallel "
                                     "--will-cite -0 -j1 --joblog log " +
                                     arguments;
            return std::system(line.c_str());
        };
        const struct {
            std::string command;
            bool fails;
        } jobs[] = {
            {"echo a\tb \\\\ c", false}, {"echo 'q\nr'", false},
            {"printf '\\t\\q'", false},  {"exit 3", true},
            {"kill -9 $$", true},        {": 'x\n\ty'; false", true},
        };
        std::string input;
        for (const auto& job : jobs) {
            input += job.command + '\0';
        }
        put(directory / "in", input);

        SUBCASE("all of its commands") {
            CHECK(parallel("<in >/dev/null 2>&1") != 0);
            const auto records = must_open(name, Mode::append).take_recorded();
            CHECK(records.size() == std::size(jobs));
            std::uint64_t seq = 0;
            for (const auto& job : jobs) {
                const auto found = records.find(++seq, job.command);
                CHECK(found.match == Match::same_command);
                CHECK(found.failed == job.fails);
            }
            CHECK(records.failed_after(5)->value().command == jobs[5].command);
        }
        SUBCASE("ours tells it what is done and what has failed") {
            {
                Journal journal = must_open(name, Mode::replace);
                REQUIRE_FALSE(record(journal, 1, jobs[0].command));
                REQUIRE_FALSE(record(journal, 3, jobs[2].command));
                const Outcome killed = samples::ended(Signaled{.signal = SIGTERM});
                REQUIRE_FALSE(journal.record({samples::job(2), jobs[1].command, 1, killed}));
            }
            CHECK(parallel("--resume-failed <in >out 2>/dev/null") != 0);
            CHECK(content(directory / "out") == "q\nr\n");
            const auto records = read_journal(name);
            REQUIRE(records);
            CHECK(records->size() == std::size(jobs));
            CHECK_FALSE(records->find(2, jobs[1].command).failed);
        }
    }
}

}  // namespace antsrun
