#include "report/line_file.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

// A fifo in a directory of its own.
class Fifo {
public:
    Fifo() {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        ::signal(SIGPIPE, SIG_IGN);
    }
    ~Fifo() {
        ::unlink(path.c_str());
        ::rmdir(directory_.c_str());
    }
    void open() { reader = UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)); }
    std::string read() {
        std::string text;
        char buffer[65536];
        for (ssize_t n = 0; (n = ::read(reader.get(), buffer, sizeof buffer)) > 0;) {
            text.append(buffer, static_cast<std::size_t>(n));
        }
        return text;
    }

private:
    static std::string make_directory() {
        std::string name = "/tmp/antsrun-lines.XXXXXX";
        return ::mkdtemp(name.data());
    }
    const std::string directory_ = make_directory();

public:
    const std::string path = directory_ + "/fifo";
    UniqueFd reader;
};

TEST_CASE("line file: what cannot be opened") {
    CHECK(LineFile::create("/nonexistent/x").error().message().find("'/nonexistent/x'") !=
          std::string::npos);
    CHECK(LineFile::create("/tmp").error().code == EISDIR);
    Fifo fifo;
    CHECK(LineFile::create(fifo.path).error().message().find("nobody reads") != std::string::npos);
}

TEST_CASE("line file: an error is kept, the rest is dropped") {
    auto file = LineFile::create("/dev/full");
    REQUIRE(file);
    (*file)->add("a\n");
    (*file)->add("b\n");
    CHECK((*file)->error() == ENOSPC);
    CHECK_FALSE((*file)->has_backlog());
    ants::Carrier carrier;
    carrier.run((*file)->flush());
}

TEST_CASE("line file: a slow reader does not block, and gets every line") {
    Fifo fifo;
    fifo.open();
    const auto file = std::move(*LineFile::create(fifo.path));
    ants::Carrier carrier;  // its tasks use the file
    carrier.spawn(file->pump());
    const std::string line = std::string(9999, 'x') + '\n';
    for (int i = 0; i < 100; ++i) {
        file->add(line);
    }
    CHECK(file->has_backlog());

    SUBCASE("who reads on") {
        std::string text;
        while (file->has_backlog()) {
            text += fifo.read();
            carrier.run([]() -> ants::Task<> { co_await ants::yield(); }());
        }
        carrier.run(file->flush());
        text += fifo.read();
        CHECK(text.size() == 1'000'000);
        CHECK(file->written() == 1'000'000);
        CHECK(file->error() == 0);
    }
    SUBCASE("who has had his time") {
        file->give_up();
        carrier.run(file->flush());
        CHECK(file->error() == ETIMEDOUT);
    }
    SUBCASE("who goes away") {
        fifo.reader.reset();
        carrier.run(file->flush());
        CHECK(file->error() == EPIPE);
    }
}

}  // namespace
}  // namespace antsrun
