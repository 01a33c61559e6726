// The launcher with real processes: it runs each command on a carrier of its own, as a worker
// would.
#include "run/local.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "ants/carrier.hpp"
#include "run/child.hpp"
#include "run/process_tree.hpp"

namespace antsrun {
namespace {

class StringSink : public Sink {
public:
    std::string begin(const Command& /*command*/) override { return {}; }
    bool is_ready() override { return ready; }
    void write(Stream stream, std::string_view bytes) override {
        (stream == Stream::out ? out : err).append(bytes);
    }
    int passed_through(Stream /*stream*/) const override { return -1; }
    std::string stderr_tail() const override { return err; }

    bool ready = true;
    std::string out;
    std::string err;
};

class House {
public:
    explicit House(EndingRules rules = {}) : launcher_(config(rules), clock) {}

    Outcome run(const Command& command) {
        return carrier.run(launcher_.run(command, {7, 3, 1}, sink, control));
    }
    Outcome sh(std::string line) {
        Command command;
        command.line = std::move(line);
        return run(command);
    }
    Outcome words(std::vector<std::string> words) {
        Command command;
        for (const std::string& word : words) {
            command.line += (command.line.empty() ? "" : " ") + word;
        }
        command.words = std::move(words);
        return run(command);
    }

    StringSink sink;
    JobControl control;
    JobClock clock;
    ants::Carrier carrier;

private:
    static LocalConfig config(EndingRules rules) {
        LocalConfig config;
        config.ending = rules;
        config.visible_pid = 4711;
        config.capacity = 5;
        config.environment = environ;
        config.spawn.parent = ::getpid();
        config.spawn.input = UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
        return config;
    }

    LocalLauncher launcher_;
};

TEST_CASE("launcher: how a job can end") {
    House house;
    SUBCASE("success, with both streams apart") {
        const Outcome outcome = house.sh("echo out; echo err >&2");
        CHECK(outcome.succeeded());
        CHECK(house.sink.out == "out\n");
        CHECK(house.sink.err == "err\n");
        CHECK_FALSE(outcome.leaked);
    }
    SUBCASE("a status") {
        const Outcome outcome = house.sh("exit 7");
        CHECK(outcome.cause() == Cause::exit);
        CHECK(outcome.status() == 7);
    }
    SUBCASE("a signal") {
        const Outcome outcome = house.sh("kill -9 $$");
        CHECK(outcome.cause() == Cause::signal);
        CHECK(outcome.status() == 137);
    }
    SUBCASE("a crash is a panic") {
        const Outcome outcome = house.sh("ulimit -c 0; kill -SEGV $$");
        CHECK(outcome.cause() == Cause::panic);
        CHECK(outcome.signal() == SIGSEGV);
    }
    SUBCASE("a program that does not exist: the shell says so") {
        const Outcome outcome = house.words({"antsrun-no-such-program", "x"});
        CHECK(outcome.cause() == Cause::not_found);
        CHECK(outcome.status() == 127);
        CHECK(house.sink.err.find("not found") != std::string::npos);
    }
    SUBCASE("a file that may not be run") {
        const Outcome outcome = house.words({"/etc/passwd"});
        CHECK(outcome.cause() == Cause::cannot_run);
        CHECK(outcome.status() == 126);
    }
    SUBCASE("a program's own 127 is an exit status") {
        CHECK(house.words({"/bin/sh", "-c", "exit 127"}).cause() == Cause::exit);
    }
    SUBCASE("a command beyond the system's limit") {
        const Outcome outcome = house.sh(": " + std::string(200'000, 'x'));
        CHECK(outcome.cause() == Cause::cannot_run);
        CHECK(describe(outcome).find("longer than the system allows") != std::string::npos);
    }
    SUBCASE("a line that begins with a dash is not an option of the shell") {
        CHECK(house.sh("-c true").status() == 127);
    }
}

TEST_CASE("launcher: what a job finds") {
    House house;
    SUBCASE("its own session, the null device on stdin") {
        house.sh(
            "readlink /proc/self/fd/0; set -- $(cat /proc/$$/stat); echo $(($5 == $$)) $(($6 == "
            "$$))");
        CHECK(house.sink.out == "/dev/null\n1 1\n");
    }
    SUBCASE("who it is") {
        house.sh(
            "echo $ANTSRUN_SEQ $ANTSRUN_SLOT $ANTSRUN_PID $ANTSRUN_JOBS $ANTSRUN_ATTEMPT "
            "$PARALLEL_SEQ $PARALLEL_JOBSLOT $PARALLEL_PID");
        CHECK(house.sink.out == "7 3 4711 5 1 7 3 4711\n");
    }
    SUBCASE("no descriptor of ours") {
        const auto inherited = house.sh("echo /proc/self/fd/*").succeeded() ? house.sink.out : "";
        const UniqueFd ours(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        house.sink.out.clear();
        house.sh("echo /proc/self/fd/*");
        CHECK(house.sink.out == inherited);
    }
    SUBCASE("an empty signal mask") {
        house.words({"grep", "SigBlk", "/proc/self/status"});
        CHECK(house.sink.out == "SigBlk:\t0000000000000000\n");
    }
    SUBCASE("arguments byte for byte") {
        house.words({"printf", "%s|", "a b", "", "*", "\xff\n", "'\""});
        CHECK(house.sink.out == "a b||*|\xff\n|'\"|");
    }
}

TEST_CASE("launcher: output") {
    House house;
    SUBCASE("comes whole, however much") {
        house.words({"head", "-c", "3000000", "/dev/zero"});
        CHECK(house.sink.out.size() == 3'000'000);
    }
    SUBCASE("closing it is not the end of the job") {
        CHECK(house.sh("exec >&- 2>&-; sleep 0.2; exit 3").status() == 3);
    }
    SUBCASE("a grandchild on the pipe does not hold the job up and is reported") {
        const auto begin = ants::Clock::now();
        const Outcome outcome = house.sh("sleep 30 & echo done; echo $! >&2");
        CHECK(outcome.succeeded());
        CHECK(outcome.leaked);
        CHECK(house.sink.out == "done\n");
        CHECK(ants::Clock::now() - begin < std::chrono::seconds(20));
        for (const Process& process : processes_below(1)) {
            if (process.pid == std::atoi(house.sink.err.c_str())) {
                send_signal(process, SIGKILL);
            }
        }
    }
}

TEST_CASE("launcher: stop") {
    House house;
    SUBCASE("ends the group, what was printed stays") {
        house.carrier.spawn([](House& h) -> ants::Task<> {
            while (h.sink.out.empty()) {
                co_await ants::yield();
            }
            h.control.request_stop();
        }(house));
        const Outcome outcome = house.sh("echo before; sleep 30; echo after");
        CHECK(outcome.cause() == Cause::killed);
        CHECK(outcome.signal() == SIGTERM);
        CHECK(house.sink.out == "before\n");
    }
    SUBCASE("a second request kills what ignores the first") {
        house.carrier.spawn([](House& h) -> ants::Task<> {
            while (h.sink.out.empty()) {
                co_await ants::yield();
            }
            h.control.request_stop();
            h.control.request_stop();
        }(house));
        const Outcome outcome = house.sh("trap '' TERM; echo before; sleep 30; sleep 30");
        CHECK(outcome.cause() == Cause::killed);
        CHECK(outcome.signal() == SIGKILL);
    }
}

// Orphans come to this process, as they come to the core. Their zombies are reaped.
class Subreaper {
public:
    Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
    ~Subreaper() {
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
    }
    static std::size_t living() { return processes_below(::getpid()).size(); }
};

// Leaves one process behind that nothing but its environment connects with the job.
constexpr const char* kLostStray = "(setsid sh -c 'trap \"\" TERM; sleep 30; sleep 30' &); ";

TEST_CASE("launcher: a limit of time") {
    const Subreaper subreaper;
    House house({.grace = std::chrono::milliseconds(100)});
    house.control.set_limit(std::chrono::milliseconds(150));
    SUBCASE("a job that keeps to it") { CHECK(house.sh("true").succeeded()); }
    SUBCASE("one that does not is asked to end; what was printed stays") {
        const Outcome outcome = house.sh("echo before; sleep 30; echo after");
        CHECK(outcome.timed_out());
        CHECK(outcome.signal() == SIGTERM);
        CHECK(outcome.status() == 124);
        CHECK(outcome.seconds >= 0.15);
        CHECK(house.sink.out == "before\n");
    }
    SUBCASE("it may say a last word") {
        const Outcome outcome = house.sh("trap 'echo last; exit 0' TERM; sleep 30 & wait");
        CHECK(outcome.timed_out());
        CHECK(!outcome.succeeded());
        CHECK(house.sink.out == "last\n");
    }
    SUBCASE("who ignores that is killed") {
        const Outcome outcome = house.sh("trap '' TERM; sleep 30; sleep 30");
        CHECK(outcome.timed_out());
        CHECK(outcome.signal() == SIGKILL);
        CHECK(outcome.seconds >= 0.25);
    }
    SUBCASE("a stopped job ends") { CHECK(house.sh("kill -STOP $$").timed_out()); }
    SUBCASE("it may change while the job runs") {
        house.control.set_limit(JobControl::kNoLimit);
        house.carrier.spawn([](House& h) -> ants::Task<> {
            while (h.sink.out.empty()) {
                co_await ants::yield();
            }
            h.control.set_limit(std::chrono::milliseconds(1));
        }(house));
        CHECK(house.sh("echo before; sleep 30").timed_out());
    }
    SUBCASE("the whole tree ends, in other sessions too, whatever it ignores") {
        const Outcome outcome =
            house.sh("setsid sh -c 'trap \"\" TERM; sleep 30; sleep 30' & wait");
        CHECK(outcome.timed_out());
        CHECK_FALSE(outcome.leaked);
        CHECK(Subreaper::living() == 0);
    }
    SUBCASE("and those that have lost their parents") {
        const Outcome outcome = house.sh(std::string(kLostStray) + "sleep 30");
        CHECK(outcome.timed_out());
        CHECK(Subreaper::living() == 0);
    }
    CHECK(Subreaper::living() == 0);
}

TEST_CASE("launcher: what a job leaves running") {
    const Subreaper subreaper;
    const std::string line = std::string(kLostStray) + "sleep 30 & echo done";
    SUBCASE("is left and reported, unless something else is asked for") {
        House house;
        const Outcome outcome = house.sh(line);
        CHECK(outcome.succeeded());
        CHECK(outcome.leaked);
        CHECK(Subreaper::living() == 3);  // a shell with its sleep, and a sleep
        for (const Process& process : processes_below(::getpid())) {
            send_signal(process, SIGKILL);
        }
    }
    SUBCASE("ends with the job") {
        House house({.grace = std::chrono::milliseconds(100), .kills_strays = true});
        const Outcome outcome = house.sh(line);
        CHECK(outcome.succeeded());
        CHECK_FALSE(outcome.leaked);
        CHECK(house.sink.out == "done\n");
        CHECK(Subreaper::living() == 0);
    }
    while (Subreaper::living() > 0) {
        ::waitpid(-1, nullptr, WNOHANG);
    }
}

TEST_CASE("launcher: while the clock is stopped, so is the job") {
    House house;
    house.control.set_limit(std::chrono::milliseconds(200));
    house.clock.stop();
    house.carrier.spawn([](House& h) -> ants::Task<> {
        co_await ants::sleep_for(std::chrono::milliseconds(500));
        CHECK(h.sink.out.empty());
        h.clock.go_on();
        h.control.notice.set();
    }(house));
    // Long enough that it is stopped before its end, whatever the machine does meanwhile.
    const Outcome outcome = house.sh("sleep 0.1; echo done");
    CHECK(outcome.succeeded());
    CHECK(outcome.seconds < 0.2);
    CHECK(house.sink.out == "done\n");
}

}  // namespace
}  // namespace antsrun
