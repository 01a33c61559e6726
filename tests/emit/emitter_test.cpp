#include "emit/emitter.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
#include <thread>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

std::string read_available(int fd) {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(fd, buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
}

// An emitter that prints to a pipe, on a control loop, with jobs that the test plays.
class Stage {
public:
    explicit Stage(EmitterConfig config) : emitter_(with_pipe(std::move(config))) {
        ::signal(SIGPIPE, SIG_IGN);
        carrier_.spawn(emitter_.pump());
        carrier_.spawn(emitter_.receive());
    }

    std::shared_ptr<Sink> open(std::uint64_t seq, bool may_run_again = false) {
        Job opened = job(seq);
        opened.may_run_again = may_run_again;
        auto sink = emitter_.open(opened, std::make_shared<JobControl>());
        sink->begin({});
        sink->is_ready();
        return sink;
    }
    void close(std::uint64_t seq) { emitter_.close(job(seq)); }

    // What has been printed since the last call.
    std::string printed() {
        carrier_.run(emitter_.flush());
        return read_available(pipe_.read_end.get());
    }

    // The same for more than a pipe holds: reads while it is written.
    std::string print_to_the_end(const std::function<void()>& act) {
        act();
        std::string text;
        std::thread reader([&] {
            ::fcntl(pipe_.read_end.get(), F_SETFL, 0);
            char buffer[4096];
            for (ssize_t n = 0; (n = ::read(pipe_.read_end.get(), buffer, sizeof buffer)) > 0;) {
                text.append(buffer, static_cast<std::size_t>(n));
                if (text.ends_with("other")) {
                    break;
                }
            }
        });
        run(emitter_.flush());
        reader.join();
        return text;
    }
    void run(ants::Task<> task) { carrier_.run(std::move(task)); }

    static Job job(std::uint64_t seq) {
        Job job;
        job.seq = seq;
        return job;
    }

    Emitter& emitter() { return emitter_; }
    void close_reader() { pipe_.read_end.reset(); }

private:
    EmitterConfig with_pipe(EmitterConfig config) {
        pipe_ = std::move(*make_pipe());
        ::fcntl(pipe_.read_end.get(), F_SETFL, O_NONBLOCK);
        config.out = pipe_.write_end.get();
        config.err = pipe_.write_end.get();
        return config;
    }

    Pipe pipe_;
    ants::Carrier carrier_;
    Emitter emitter_;
};

// A terminal that changes nothing on the way, and our side of it.
struct Terminal {
    Terminal() : ours(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
        ::grantpt(ours.get());
        ::unlockpt(ours.get());
        theirs = UniqueFd(::open(::ptsname(ours.get()), O_RDWR | O_NOCTTY | O_CLOEXEC));
        REQUIRE(theirs);
        termios settings{};
        ::tcgetattr(theirs.get(), &settings);
        ::cfmakeraw(&settings);
        ::tcsetattr(theirs.get(), TCSANOW, &settings);
    }
    UniqueFd ours;
    UniqueFd theirs;
};

TEST_CASE("emitter: a status line on a terminal") {
    Terminal terminal;
    Pipe pipe = std::move(*make_pipe());
    const auto with_out = [&](int out) {
        EmitterConfig config;
        config.out = out;
        config.err = terminal.theirs.get();
        return config;
    };
    SUBCASE("is erased before other text and drawn again after") {
        ants::Carrier carrier;
        Emitter emitter(with_out(terminal.theirs.get()));
        const auto shown = [&] {
            carrier.run(emitter.flush());
            carrier.run([]() -> ants::Task<> { co_await ants::yield(); }());
            return read_available(terminal.ours.get());
        };
        carrier.spawn(emitter.pump());
        emitter.show_status("half");
        CHECK(shown() == "\rhalf\x1b[K");
        emitter.show_status("half");
        CHECK(shown().empty());
        emitter.say(Stream::out, "text\n");
        CHECK(shown() == "\r\x1b[Ktext\n\rhalf\x1b[K");
        emitter.say(Stream::err, "no end");
        CHECK(shown() == "\r\x1b[Kno end");
        emitter.show_status("more");
        CHECK(shown().empty());
        emitter.say(Stream::err, " yet\n");
        CHECK(shown() == " yet\n\rmore\x1b[K");
        emitter.show_status("");
        CHECK(shown() == "\r\x1b[K");
    }
    SUBCASE("stays where it is when the text goes elsewhere") {
        ants::Carrier carrier;
        Emitter emitter(with_out(pipe.write_end.get()));
        carrier.spawn(emitter.pump());
        emitter.show_status("half");
        emitter.say(Stream::out, "text");
        carrier.run(emitter.flush());
        emitter.show_status("");
        carrier.run(emitter.flush());
        CHECK(read_available(terminal.ours.get()) == "\rhalf\x1b[K\r\x1b[K");
    }
}

TEST_CASE("emitter: grouped") {
    Stage stage({});
    auto first = stage.open(1);
    auto second = stage.open(2);
    first->write(Stream::out, "first ");
    second->write(Stream::out, "second\n");
    CHECK(stage.printed().empty());

    SUBCASE("prints a job whole, when it ends, in the order of ending") {
        stage.close(2);
        CHECK(stage.printed() == "second\n");
        first->write(Stream::out, "end\n");
        stage.close(1);
        CHECK(stage.printed() == "first end\n");
    }
    SUBCASE("prints stdout before stderr") {
        second->write(Stream::err, "error\n");
        second->write(Stream::out, "more\n");
        stage.close(2);
        CHECK(stage.printed() == "second\nmore\nerror\n");
    }
    SUBCASE("lets the last job stream") {
        stage.close(2);
        stage.emitter().mark_last(Stage::job(1));
        CHECK(first->is_ready());
        CHECK(stage.printed() == "second\nfirst ");
        first->write(Stream::out, "live\n");
        CHECK(stage.printed() == "live\n");
        stage.close(1);
        CHECK(stage.printed().empty());
    }
}

TEST_CASE("emitter: ordered") {
    Stage stage({.ordered = true});
    auto first = stage.open(1);
    auto second = stage.open(2);
    auto third = stage.open(3);
    third->write(Stream::out, "3\n");
    stage.close(3);
    second->write(Stream::out, "2");
    CHECK(stage.printed().empty());
    first->write(Stream::out, "1\n");
    CHECK(stage.printed() == "1\n");  // the first in order is live
    stage.close(1);
    CHECK(second->is_ready());
    CHECK(stage.printed() == "2");  // and then the second
    second->write(Stream::out, "!\n");
    stage.close(2);
    CHECK(stage.printed() == "!\n3\n");
}

TEST_CASE("emitter: ordered, with numbers left out") {
    Stage stage({.ordered = true});
    auto third = stage.open(3);
    auto seventh = stage.open(7);
    seventh->write(Stream::out, "7\n");
    third->write(Stream::out, "3\n");
    CHECK(stage.printed() == "3\n");  // live, though there is no first
    stage.close(7);
    CHECK(stage.printed().empty());
    stage.close(3);
    CHECK(stage.printed() == "7\n");
    auto last = stage.open(1'000'000'000);
    last->write(Stream::out, "last\n");
    CHECK(stage.printed() == "last\n");
    stage.close(1'000'000'000);
}

TEST_CASE("emitter: of several attempts the last is printed") {
    SUBCASE("ordered: it is live when nothing can take its place any more") {
        Stage stage({.ordered = true});
        auto first = stage.open(1, true);
        auto second = stage.open(2, true);
        first->write(Stream::out, "failed\n");
        second->write(Stream::out, "2\n");
        stage.close(2);
        CHECK(stage.printed().empty());
        first = stage.open(1, false);
        first->write(Stream::out, "1\n");
        CHECK(stage.printed() == "1\n");
        stage.close(1);
        CHECK(stage.printed() == "2\n");
    }
    SUBCASE("grouped, also when it is the last one running") {
        Stage stage({});
        auto sink = stage.open(1, true);
        sink->write(Stream::out, "failed\n");
        stage.emitter().mark_last(Stage::job(1));
        CHECK(stage.printed().empty());
        sink = stage.open(1, true);
        sink->write(Stream::out, "1\n");
        stage.close(1);
        CHECK(stage.printed() == "1\n");
    }
    SUBCASE("one that never begins leaves that of the one before") {
        Stage stage({});
        stage.open(1, true)->write(Stream::out, "failed\n");
        auto never = stage.emitter().open(Stage::job(1), std::make_shared<JobControl>());
        never = stage.emitter().open(Stage::job(1), std::make_shared<JobControl>());
        stage.close(1);
        CHECK(stage.printed() == "failed\n");
    }
    SUBCASE("one that could hold no more when it ended, which control has yet to hear") {
        ::setenv("TMPDIR", "/nonexistent", 1);
        Stage stage({});
        stage.open(1, true)->write(Stream::out, std::string(Spool::kInMemory + 1, 'x'));
        auto sink = stage.open(1, true);
        ::unsetenv("TMPDIR");
        sink->write(Stream::out, "1\n");
        stage.close(1);
        CHECK(stage.printed() == "1\n");
    }
    SUBCASE("line-buffered they all are") {
        Stage stage({.job = {.whole_lines = true}});
        auto sink = stage.open(1, true);
        sink->write(Stream::out, "failed\nto");
        sink = stage.open(1, false);
        sink->is_ready();
        sink->write(Stream::out, "1\n");
        stage.close(1);
        CHECK(stage.printed() == "failed\n1\n");
    }
}

TEST_CASE("emitter: line-buffered") {
    Stage stage({.job = {.whole_lines = true}});
    auto first = stage.open(1);
    auto second = stage.open(2);
    first->write(Stream::out, "one\ntw");
    second->write(Stream::out, "other\n");
    CHECK(stage.printed() == "one\nother\n");
    first->write(Stream::out, "o\nend");
    CHECK(stage.printed() == "two\n");
    stage.close(1);
    CHECK(stage.printed() == "end");
}

TEST_CASE("emitter: a live job has a credit") {
    Stage stage({.ordered = true});
    auto sink = stage.open(1);
    sink->write(Stream::out, std::string(1024 * 1024, 'x'));
    CHECK_FALSE(sink->is_ready());
    // Nobody reads: it comes back when those bytes are given up.
    stage.emitter().abandon();
    stage.run(stage.emitter().flush());
    CHECK(sink->is_ready());
    CHECK(stage.emitter().broken() == ETIMEDOUT);
}

TEST_CASE("emitter: a job that can hold no more goes live, the others wait") {
    ::setenv("TMPDIR", "/nonexistent", 1);
    Stage stage({});
    auto full = stage.open(1, true);
    auto other = stage.open(2);
    full->write(Stream::out, std::string(Spool::kInMemory, 'x'));
    CHECK(full->is_ready());
    full->write(Stream::out, "y");
    CHECK_FALSE(full->is_ready());
    ::unsetenv("TMPDIR");

    other->write(Stream::out, "other");
    stage.close(2);    // control hears of the blocked one first
    full->is_ready();  // it sees that it is live and hands over
    CHECK(stage.print_to_the_end([&] { stage.close(1); }) ==
          std::string(Spool::kInMemory, 'x') + "yother");
}

TEST_CASE("emitter: a reader that has gone is told once") {
    int told = 0;
    Stage stage({.on_broken = [&](int error) {
        ++told;
        CHECK(error == EPIPE);
    }});
    stage.close_reader();
    for (std::uint64_t seq : {1, 2}) {
        stage.open(seq)->write(Stream::out, "text");
        stage.close(seq);
    }
    stage.emitter().say(Stream::out, "more");
    stage.run(stage.emitter().flush());
    CHECK(told == 1);
    CHECK(stage.emitter().broken() == EPIPE);
}

}  // namespace
}  // namespace antsrun
