#include "job/block_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

TEST_CASE("block queue: what is there, what comes, and the end") {
    BlockQueue queue(2);
    BlockQueue::Taker taker(queue);
    ants::Notice wake;
    CHECK(!taker.take(wake));
    CHECK(!taker.has_ended());
    CHECK(!wake.take());
    queue.put("a");
    CHECK(wake.take());
    CHECK(taker.take(wake) == "a");
    CHECK(!taker.take(wake));
    queue.put("b");
    queue.end();
    CHECK(!taker.has_ended());
    CHECK(taker.take(wake) == "b");
    CHECK(taker.has_ended());
}

TEST_CASE("block queue: there is room for so many, as long as somebody takes them") {
    BlockQueue queue(1);
    ants::Carrier control;
    CHECK(!control.run(queue.room()));  // nobody
    BlockQueue::Taker first(queue);
    ants::Notice wake;
    {
        BlockQueue::Taker second(queue);
        CHECK(control.run(queue.room()));
        queue.put("a");
        CHECK(!second.take(wake).value_or("").empty());
        CHECK(control.run(queue.room()));
        queue.put("b");
    }
    // One is left, and lets us wait until it goes.
    control.spawn([](BlockQueue::Taker& taker) -> ants::Task<> {
        co_await ants::yield();
        taker.leave();
    }(first));
    CHECK(!control.run(queue.room()));
}

TEST_CASE("block queue: many takers get each block once") {
    constexpr int kBlocks = 5000;
    BlockQueue queue(4);
    std::vector<std::atomic<int>> seen(kBlocks);
    std::vector<std::thread> threads;
    std::vector<std::unique_ptr<BlockQueue::Taker>> takers;
    for (int i = 0; i < 3; ++i) {
        takers.push_back(std::make_unique<BlockQueue::Taker>(queue));
    }
    for (auto& taker : takers) {
        threads.emplace_back([&seen, &taker] {
            ants::Carrier carrier;
            carrier.run(
                [](BlockQueue::Taker& mine, std::vector<std::atomic<int>>& all) -> ants::Task<> {
                    ants::Notice wake;
                    while (!mine.has_ended()) {
                        if (auto block = mine.take(wake)) {
                            ++all[static_cast<std::size_t>(std::stoi(*block))];
                        } else if (!mine.has_ended()) {
                            co_await ants::poll({}, ants::kNever, &wake);
                            wake.take();
                        }
                    }
                }(*taker, seen));
        });
    }
    ants::Carrier control;
    control.run([](BlockQueue& all) -> ants::Task<> {
        for (int i = 0; i < kBlocks; ++i) {
            co_await all.room();
            all.put(std::to_string(i));
        }
        all.end();
    }(queue));
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& count) { return count == 1; }));
}

}  // namespace
}  // namespace antsrun
