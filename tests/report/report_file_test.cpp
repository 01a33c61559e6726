#include "report/report_file.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "report/files.hpp"
#include "report/temp_file.hpp"

namespace antsrun {
namespace {

// "" if all went well, else the message.
std::string prepare_error(const std::string& name) {
    const auto report = ReportFile::prepare(name);
    return report ? "" : report.error().message();
}

std::string write_error(const std::string& name, std::string_view text) {
    auto report = ReportFile::prepare(name);
    if (!report) {
        return report.error().message();
    }
    const auto error = report->write(text);
    return error ? error->message() : "";
}

}  // namespace

TEST_SUITE("report") {
    using Target = ReportFile::Target;

    TEST_CASE("report file: names that are no files") {
        CHECK(ReportFile::prepare("")->target() == Target::standard_error);
        CHECK(ReportFile::prepare("-")->target() == Target::standard_output);
        CHECK(ReportFile::prepare("none")->target() == Target::nowhere);
        CHECK(ReportFile::prepare("/dev/stdout")->target() == Target::standard_output);
        CHECK(ReportFile::prepare("/dev/fd/2")->target() == Target::standard_error);
        CHECK(ReportFile::prepare("/proc/self/fd/1")->target() == Target::standard_output);
    }

    TEST_CASE("report file: a regular file") {
        const Directory directory;
        const std::string name = directory / "r.json";
        SUBCASE("is made, by the umask") {
            const Umask umask(027);
            auto report = ReportFile::prepare(name);
            CHECK(directory.count() == 0);
            REQUIRE_FALSE(report->write("new").has_value());
            CHECK(content(name) == "new");
            CHECK(mode_of(name) == 0640);
        }
        SUBCASE("is never writable for others, whatever the umask") {
            const Umask umask(0);
            CHECK(write_error(name, "new") == "");
            CHECK(mode_of(name) == 0644);
        }
        SUBCASE("is replaced, not overwritten, and keeps its mode") {
            put(name, "an old report", 0600);
            const std::string link = directory / "hard";
            fs::create_hard_link(name, link);
            CHECK(write_error(name, "new") == "");
            CHECK(content(name) == "new");
            CHECK(content(link) == "an old report");
            CHECK(mode_of(name) == 0600);
            CHECK(directory.count() == 2);
        }
        SUBCASE("may be given without a directory") {
            const fs::path before = fs::current_path();
            fs::current_path(directory.path());
            CHECK(write_error("r.json", "new") == "");
            fs::current_path(before);
            CHECK(content(name) == "new");
        }
        SUBCASE("stays as it is when the new one cannot be written") {
            put(name, "old");
            rlimit before{};
            ::getrlimit(RLIMIT_FSIZE, &before);
            const rlimit small{.rlim_cur = 10, .rlim_max = before.rlim_max};
            const auto handler = std::signal(SIGXFSZ, SIG_IGN);
            ::setrlimit(RLIMIT_FSIZE, &small);
            const std::string error = write_error(name, std::string(100, 'x'));
            ::setrlimit(RLIMIT_FSIZE, &before);
            std::signal(SIGXFSZ, handler);
            CHECK(error == "--report '" + name + "': File too large");
            CHECK(content(name) == "old");
            CHECK(directory.count() == 1);
        }
    }

    TEST_CASE("report file: what cannot be written is known before the first job") {
        const Directory directory;
        CHECK(prepare_error(directory / "no/r.json").ends_with("No such file or directory"));
        CHECK(prepare_error(directory.path()).ends_with("is a directory; a file is needed"));
        CHECK(prepare_error(directory.path() + "/").ends_with("is a directory; a file is needed"));
        CHECK(prepare_error("/proc/r.json") != "");
        CHECK(prepare_error("/proc/version") != "");
        CHECK(prepare_error("/dev/fd/987").ends_with("descriptor 987 is not open for writing"));
        fs::create_symlink("loop", directory / "loop");
        CHECK(prepare_error(directory / "loop").ends_with("Too many levels of symbolic links"));

        const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
        (directory / "s").copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        CHECK(prepare_error(directory / "s").ends_with("is a socket; a file is needed"));
    }

    TEST_CASE("report file: symbolic links") {
        const Directory directory;
        fs::create_directory(directory / "sub");
        put(directory / "sub/target", "old");
        SUBCASE("are followed: the file they lead to is replaced") {
            fs::create_symlink("sub/second", directory / "link");
            fs::create_symlink("target", directory / "sub/second");
            CHECK(write_error(directory / "link", "new") == "");
            CHECK(content(directory / "sub/target") == "new");
            CHECK(fs::is_symlink(directory / "link"));
            CHECK(fs::is_symlink(directory / "sub/second"));
        }
        SUBCASE("may lead to a file that does not exist yet") {
            fs::create_symlink("sub/fresh", directory / "link");
            CHECK(write_error(directory / "link", "new") == "");
            CHECK(content(directory / "sub/fresh") == "new");
        }
        SUBCASE("are not followed in a sticky directory") {
            REQUIRE(::chmod(directory.path().c_str(), 01777) == 0);
            fs::create_symlink("sub/target", directory / "link");
            CHECK(prepare_error(directory / "link").find("which is not followed") !=
                  std::string::npos);
            CHECK(content(directory / "sub/target") == "old");
            CHECK(write_error(directory / "plain", "new") == "");
        }
        SUBCASE("are not followed there on the way either") {
            REQUIRE(::chmod((directory / "sub").c_str(), 01777) == 0);
            fs::create_symlink("target", directory / "sub/second");
            fs::create_symlink("sub/second", directory / "link");
            CHECK(prepare_error(directory / "link") != "");
        }
    }

    TEST_CASE("report file: a device is written in place") {
        CHECK(write_error("/dev/null", "new") == "");
        CHECK(write_error("/dev/full", "new") == "--report '/dev/full': No space left on device");
        CHECK(fs::is_character_file("/dev/full"));
    }

    TEST_CASE("report file: a fifo") {
        const Directory directory;
        const std::string name = directory / "fifo";
        REQUIRE(::mkfifo(name.c_str(), 0600) == 0);
        std::array<char, 16> read{};
        SUBCASE("that is read gets the report") {
            const UniqueFd reader(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
            CHECK(write_error(name, "new") == "");
            CHECK(::read(reader.get(), read.data(), read.size()) == 3);
        }
        SUBCASE("may find its reader while the jobs run") {
            auto report = ReportFile::prepare(name);
            REQUIRE(report);
            const UniqueFd reader(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
            CHECK_FALSE(report->write("new").has_value());
            CHECK(::read(reader.get(), read.data(), read.size()) == 3);
        }
        SUBCASE("that nobody reads is an error, not a wait for ever") {
            CHECK(write_error(name, "new").find("nobody reads it") != std::string::npos);
        }
        SUBCASE("is still a fifo") { CHECK(fs::is_fifo(name)); }
    }

    TEST_CASE("report file: an open descriptor goes on where the caller has got to") {
        const Directory directory;
        const std::string name = directory / "log";
        const int file =
            ::open(name.c_str(), O_WRONLY | O_CREAT, 0600);  // as a caller's: inherited
        REQUIRE(::write(file, "before ", 7) == 7);
        const std::string path = "/dev/fd/" + std::to_string(file);
        CHECK(write_error(path, "new") == "");
        CHECK(content(name) == "before new");

        // One of our own is none of the user's business.
        ::fcntl(file, F_SETFD, FD_CLOEXEC);
        CHECK(prepare_error(path).ends_with("is not open for writing"));
        ::close(file);
        const int readable = ::open(name.c_str(), O_RDONLY);
        CHECK(prepare_error("/dev/fd/" + std::to_string(readable)).ends_with("for writing"));
        ::close(readable);
    }

    TEST_CASE("report file: leaves no descriptor behind") {
        const Directory directory;
        const auto open_now = [] {
            return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator{});
        };
        const auto before = open_now();
        CHECK(write_error(directory / "r.json", "new") == "");
        CHECK(write_error("/dev/full", "new") != "");
        CHECK(open_now() == before);
    }

    TEST_CASE("temp file: with a name from the start") {
        const Directory directory;
        const UniqueFd place(::open(directory.path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
        const Umask umask(022);
        {
            auto file = TempFile::create(place.get(), 0666, TempFile::Kind::named);
            REQUIRE(file);
            CHECK(directory.count() == 1);
        }
        CHECK(directory.count() == 0);
        put(directory / "r", "old");
        auto file = TempFile::create(place.get(), 0666, TempFile::Kind::named);
        REQUIRE(write_all(file->fd(), "new"));
        CHECK(file->publish("r"));
        CHECK(content(directory / "r") == "new");
        CHECK(mode_of(directory / "r") == 0644);
        CHECK(directory.count() == 1);
    }
}

}  // namespace antsrun
