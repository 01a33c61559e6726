// Blocks of input on their way to jobs that share it (--round-robin): whoever is ready takes the
// next one. Filled by control, emptied by workers; any thread may call what is not marked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ants/task.hpp"
#include "ants/wait.hpp"

namespace antsrun {

class BlockQueue {
public:
    // One job that takes blocks, for as long as it does. The queue outlives it.
    class Taker {
    public:
        explicit Taker(BlockQueue& queue);
        ~Taker() { leave(); }
        Taker(const Taker&) = delete;
        Taker& operator=(const Taker&) = delete;

        // The next block. Nothing: there is none now, and `wake` will be set when that changes; or
        // there will be none any more, see has_ended(). `wake` outlives the taker's part in it.
        std::optional<std::string> take(ants::Notice& wake);
        bool has_ended() const;

        // How much it has taken.
        std::uint64_t bytes_taken() const;

        // It takes no more. Its notice is not touched after this.
        void leave();

    private:
        friend class BlockQueue;

        BlockQueue& queue_;
        ants::Notice* waits_with_ = nullptr;  // guarded by the queue's mutex
        std::uint64_t bytes_taken_ = 0;       // likewise
        bool has_left_ = false;               // likewise
    };

    // `most`: blocks that wait here.
    explicit BlockQueue(std::size_t most) : most_(most) {}

    // Control. Wait until there is room for a block; false: nobody is left to take one.
    ants::Task<bool> room();
    // Control. Add one, when there is room.
    void put(std::string block);
    // Control. There will be no more.
    void end();

private:
    void wake_all();

    const std::size_t most_;
    mutable std::mutex mutex_;
    std::deque<std::string> blocks_;  // this and the rest: guarded by mutex_
    std::vector<Taker*> waiting_;
    std::size_t takers_ = 0;
    bool has_ended_ = false;
    ants::Notice changed_;  // there may be room, or nobody left
};

}  // namespace antsrun
