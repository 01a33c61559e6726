#include "ants/wait.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

#include "gate.hpp"

namespace {

using namespace std::chrono_literals;

struct Pipe {
    Pipe() { REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0); }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    void close_reader() { ::close(std::exchange(ends[0], -1)); }
    void close_writer() { ::close(std::exchange(ends[1], -1)); }
    void write() { REQUIRE(::write(ends[1], "x", 1) == 1); }
    pollfd reader() const { return {ends[0], POLLIN, 0}; }
    pollfd writer() const { return {ends[1], POLLOUT, 0}; }

    int ends[2];
};

ants::Deadline soon() { return ants::Clock::now() + 2ms; }

ants::Task<int> wait_for(std::vector<pollfd>& fds, ants::Deadline deadline = ants::kNever,
                         ants::Notice* notice = nullptr) {
    co_return co_await ants::poll(fds, deadline, notice);
}

ants::Task<> keep_answer(std::vector<pollfd>& fds, int& answer) {
    answer = co_await ants::poll(fds);
}

ants::Task<> write_later(Pipe& pipe) {
    co_await ants::yield();
    pipe.write();
}

ants::Task<> set_later(ants::Notice& notice) {
    co_await ants::yield();
    notice.set();
}

ants::Task<> turns(int count) {
    for (int i = 0; i < count; ++i) {
        co_await ants::yield();
    }
}

ants::Task<> note_after(std::vector<int>& order, int value, ants::Clock::duration duration) {
    co_await ants::sleep_for(duration);
    order.push_back(value);
}

ants::Task<> note_and_yield(std::vector<int>& order, int value, int times) {
    for (int i = 0; i < times; ++i) {
        order.push_back(value);
        co_await ants::yield();
    }
}

ants::Task<ants::Clock::duration> time_slept(ants::Clock::duration duration) {
    const auto begin = ants::Clock::now();
    co_await ants::sleep_for(duration);
    co_return ants::Clock::now() - begin;
}

ants::Task<> count_after(int& count, ants::Clock::duration duration) {
    co_await ants::sleep_for(duration);
    ++count;
}

ants::Task<> sleep_until_all(const int& count, int all) {
    while (count < all) {
        co_await ants::sleep_for(1ms);
    }
}

ants::Task<int> poll_many_ready(const std::vector<std::unique_ptr<Pipe>>& pipes) {
    std::vector<pollfd> fds;
    for (const auto& pipe : pipes) {
        fds.push_back(pipe->reader());
    }
    co_return co_await ants::poll(fds);
}

}  // namespace

TEST_SUITE_BEGIN("ants");

TEST_CASE("poll: readable") {
    ants::Carrier carrier;
    Pipe pipe;
    std::vector fds{pipe.reader()};
    SUBCASE("already") {
        pipe.write();
        CHECK(carrier.run(wait_for(fds)) == 1);
    }
    SUBCASE("later") {
        carrier.spawn(write_later(pipe));
        CHECK(carrier.run(wait_for(fds)) == 1);
    }
    SUBCASE("by another thread, while the loop sleeps") {
        std::thread other([&] { pipe.write(); });
        CHECK(carrier.run(wait_for(fds)) == 1);
        other.join();
    }
    CHECK(fds[0].revents == POLLIN);
    CHECK(carrier.run(wait_for(fds)) == 1);  // still, and nothing was left behind
}

TEST_CASE("poll: writable, and no longer") {
    ants::Carrier carrier;
    Pipe pipe;
    std::vector fds{pipe.writer()};
    CHECK(carrier.run(wait_for(fds)) == 1);
    CHECK(fds[0].revents == POLLOUT);
    const std::vector<char> block(4096);
    while (::write(pipe.ends[1], block.data(), block.size()) > 0) {
    }
    CHECK(carrier.run(wait_for(fds, soon())) == 0);
    CHECK(fds[0].revents == 0);
}

TEST_CASE("poll: hang-up and error") {
    ants::Carrier carrier;
    Pipe pipe;
    std::vector<pollfd> fds;
    SUBCASE("of the writer") {
        fds = {pipe.reader()};
        pipe.close_writer();
        CHECK(carrier.run(wait_for(fds)) == 1);
        CHECK(fds[0].revents == POLLHUP);
    }
    SUBCASE("of the reader") {
        fds = {pipe.writer()};
        pipe.close_reader();
        CHECK(carrier.run(wait_for(fds)) == 1);
        CHECK((fds[0].revents & POLLERR) != 0);
    }
    SUBCASE("asked for nothing") {
        fds = {{pipe.ends[0], 0, 0}};
        pipe.close_writer();
        CHECK(carrier.run(wait_for(fds)) == 1);
        CHECK(fds[0].revents == POLLHUP);
    }
}

TEST_CASE("poll: deadline") {
    ants::Carrier carrier;
    Pipe pipe;
    std::vector fds{pipe.reader()};
    const auto deadline = soon();
    CHECK(carrier.run(wait_for(fds, deadline)) == 0);
    CHECK(ants::Clock::now() >= deadline);
    CHECK(fds[0].revents == 0);
    SUBCASE("in the past it looks and does not wait") {
        CHECK(carrier.run(wait_for(fds, ants::Clock::now() - 1h)) == 0);
        CHECK(carrier.run(wait_for(fds, ants::Deadline::min())) == 0);
        pipe.write();
        CHECK(carrier.run(wait_for(fds, ants::Clock::now() - 1h)) == 1);
        CHECK(carrier.run(wait_for(fds, ants::Deadline::min())) == 1);
    }
    SUBCASE("far away it does not matter") {
        pipe.write();
        CHECK(carrier.run(wait_for(fds, ants::Clock::now() + 24h)) == 1);
    }
}

TEST_CASE("poll: several descriptors, negative ones ignored") {
    ants::Carrier carrier;
    Pipe first;
    Pipe second;
    second.write();
    std::vector fds{first.reader(), pollfd{-1, POLLIN, 99}, second.reader(), first.writer()};
    CHECK(carrier.run(wait_for(fds)) == 2);
    CHECK(fds[0].revents == 0);
    CHECK(fds[1].revents == 0);
    CHECK(fds[2].revents == POLLIN);
    CHECK(fds[3].revents == POLLOUT);
}

TEST_CASE("poll: each ready descriptor counts once, however often a busy loop looks") {
    ants::Carrier carrier;
    std::vector<std::unique_ptr<Pipe>> pipes;
    for (int i = 0; i < 20; ++i) {
        pipes.push_back(std::make_unique<Pipe>());
        pipes.back()->write();
    }
    for (int i = 0; i < 1'000; ++i) {
        carrier.spawn(turns(10));
    }
    CHECK(carrier.run(poll_many_ready(pipes)) == 20);
}

TEST_CASE("poll: a regular file is ready, a closed descriptor is invalid") {
    ants::Carrier carrier;
    Pipe pipe;
    const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int closed = ::dup(file);
    ::close(closed);
    std::vector<pollfd> fds{{file, POLLIN, 0}, pipe.reader()};
    CHECK(carrier.run(wait_for(fds)) == 1);
    CHECK(fds[0].revents == POLLIN);
    CHECK(fds[1].revents == 0);
    fds[0].fd = closed;
    pipe.write();
    CHECK(carrier.run(wait_for(fds)) == 2);
    CHECK(fds[0].revents == POLLNVAL);
    CHECK(fds[1].revents == POLLIN);
    ::close(file);
}

TEST_CASE("poll: one descriptor, two tasks of one carrier: the second is refused") {
    ants::Carrier carrier;
    Pipe pipe;
    std::vector first{pipe.reader()};
    std::vector second{pipe.reader()};
    int answer = -1;
    carrier.spawn(keep_answer(first, answer));
    CHECK(carrier.run(wait_for(second)) == -EBUSY);
    pipe.write();
    while (answer == -1) {
        carrier.run(turns(1));
    }
    CHECK(answer == 1);
    CHECK(carrier.run(wait_for(second)) == 1);
}

TEST_CASE("poll: the same descriptor twice in one call") {
    ants::Carrier carrier;
    Pipe pipe;
    std::vector fds{pipe.reader(), pipe.reader()};
    CHECK(carrier.run(wait_for(fds)) == -EBUSY);
}

TEST_CASE("poll: after it the descriptor may be closed and its number reused") {
    ants::Carrier carrier;
    for (int i = 0; i < 100; ++i) {
        Pipe pipe;
        const int copy = ::dup(pipe.ends[0]);  // as a child between vfork and exec has
        std::vector fds{pipe.reader()};
        CHECK(carrier.run(wait_for(fds, ants::Clock::now())) == 0);
        pipe.close_reader();
        Pipe other;
        fds = {other.reader()};
        pipe.write();
        CHECK(carrier.run(wait_for(fds, ants::Clock::now())) == 0);
        ::close(copy);
    }
}

TEST_CASE("poll: destroyed while it waits, it leaves nothing behind") {
    Pipe pipe;
    ants::Notice notice;
    std::vector fds{pipe.reader()};
    {
        ants::Carrier carrier;
        carrier.spawn([](auto& all, auto& wakes) -> ants::Task<> {
            co_await ants::poll(all, ants::Clock::now() + 1h, &wakes);
        }(fds, notice));
        carrier.run(turns(2));
    }
    notice.set();  // nobody is there
    ants::Carrier carrier;
    CHECK(carrier.run(wait_for(fds, ants::kNever, &notice)) == 0);
}

TEST_CASE("notice: wakes the task that is parked with it") {
    ants::Carrier carrier;
    ants::Notice notice;
    std::vector<pollfd> none;
    Pipe pipe;
    std::vector fds{pipe.reader()};
    carrier.spawn(set_later(notice));
    CHECK(carrier.run(wait_for(none, ants::kNever, &notice)) == 0);
    CHECK(notice.take());
    CHECK_FALSE(notice.take());
    carrier.spawn(set_later(notice));
    CHECK(carrier.run(wait_for(fds, ants::kNever, &notice)) == 0);
    CHECK(notice.take());
}

TEST_CASE("notice: set before, the wait returns at once until it is taken") {
    ants::Carrier carrier;
    ants::Notice notice;
    std::vector<pollfd> none;
    notice.set();
    notice.set();
    CHECK(carrier.run(wait_for(none, ants::kNever, &notice)) == 0);
    CHECK(carrier.run(wait_for(none, ants::kNever, &notice)) == 0);
    CHECK(notice.take());
    const auto deadline = soon();
    CHECK(carrier.run(wait_for(none, deadline, &notice)) == 0);
    CHECK(ants::Clock::now() >= deadline);
}

// Each round of one side waits for the other; deadlines end waits at the same time.
TEST_CASE("notice: two threads, back and forth, against deadlines") {
    constexpr int kRounds = 5'000;
    ants::Notice notices[2];
    std::atomic<int> turn{0};
    const auto play = [&](int me) -> ants::Task<> {
        while (turn < kRounds) {
            if (turn % 2 == me) {
                ++turn;
                notices[1 - me].set();
            } else {
                const auto deadline =
                    turn % 3 == 0 ? ants::kNever
                                  : ants::Clock::now() + std::chrono::microseconds(turn % 50);
                co_await ants::poll({}, deadline, &notices[me]);
                notices[me].take();
            }
        }
        notices[1 - me].set();
    };
    std::thread other([&] {
        ants::Carrier carrier;
        carrier.run(play(1));
    });
    ants::Carrier carrier;
    carrier.run(play(0));
    other.join();
    CHECK(turn == kRounds);
}

TEST_CASE("notice: set by many threads at once, nothing before it is missed") {
    ants::Carrier carrier;
    ants::Notice notice;
    std::atomic<int> given{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 5'000; ++k) {
                ++given;
                notice.set();
            }
        });
    }
    const auto receive = [&]() -> ants::Task<> {
        while (given < 20'000) {
            co_await ants::poll({}, ants::kNever, &notice);
            notice.take();
        }
    };
    carrier.run(receive());
    for (std::thread& thread : threads) {
        thread.join();
    }
}

TEST_CASE("sleep_for: not shorter than asked") {
    ants::Carrier carrier;
    for (const auto duration : {0us, 1us, 300us, 2500us}) {
        CHECK(carrier.run(time_slept(duration)) >= duration);
    }
    CHECK(carrier.run(time_slept(-1h)) >= 0s);
    CHECK(carrier.run(time_slept(ants::Clock::duration::min())) >= 0s);
}

TEST_CASE("sleep_for: for ever, until it is destroyed") {
    ants::Carrier carrier;
    int count = 0;
    carrier.spawn(count_after(count, ants::Clock::duration::max()));
    carrier.spawn(count_after(count, std::chrono::hours(1'000'000)));
    carrier.run(time_slept(1ms));
    CHECK(count == 0);
}

TEST_CASE("sleep_for: in the order of the deadlines") {
    ants::Carrier carrier;
    std::vector<int> order;
    const int durations[] = {5, 1, 9, 3, 7, 2, 8, 4, 6};
    for (const int duration : durations) {
        carrier.spawn(note_after(order, duration, duration * 1ms));
    }
    carrier.run(time_slept(10ms));
    CHECK(order == std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("sleep_for: a hundred thousand at once") {
    constexpr int kAll = 100'000;
    ants::Carrier carrier;
    int count = 0;
    for (int i = 0; i < kAll; ++i) {
        carrier.spawn(count_after(count, (i * 7919 % 10'000) * 1us));
    }
    carrier.run(sleep_until_all(count, kAll));
    CHECK(count == kAll);
}

TEST_CASE("yield: everybody has a turn") {
    ants::Carrier carrier;
    std::vector<int> order;
    carrier.spawn(note_and_yield(order, 1, 3));
    carrier.spawn(note_and_yield(order, 2, 3));
    carrier.run(turns(5));
    CHECK(order == std::vector<int>{1, 2, 1, 2, 1, 2});
}

TEST_SUITE_END();
