// Whether the next job may start now: --delay, --load, --memfree. Control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "ants/task.hpp"
#include "ants/wait.hpp"

namespace antsrun {

struct GateConfig {
    // Between one start and the next.
    std::chrono::nanoseconds delay{0};
    // No start while more threads than this want a CPU.
    std::optional<double> most_load;
    // No start while less memory than this is available, in bytes; 0: never mind.
    std::uint64_t least_memory = 0;

    // What there is now; asked before each start, if a limit is set. Nothing: unknown, go on.
    std::function<std::optional<double>()> load;
    std::function<std::optional<std::uint64_t>()> memory;
    // Called once, when jobs wait though none runs that could make things better.
    std::function<void(std::string_view)> say;
};

class Gate {
public:
    // How long until what a started job takes can be seen, and how often to look again.
    static constexpr std::chrono::milliseconds kSettle{50};
    static constexpr std::chrono::milliseconds kLookAgain{500};

    explicit Gate(GateConfig config) : config_(std::move(config)) {}

    // It has no conditions: every job may start at once.
    bool is_always_open() const {
        return config_.delay.count() == 0 && !config_.most_load && config_.least_memory == 0;
    }

    // Wait until a job may start, or the gate is closed. `running`: jobs that run now.
    ants::Task<> opens(std::size_t running);

    // A job was started.
    void note_start();

    // Nothing is to start any more: nobody waits here from now on.
    void close();

private:
    // What must change first; null: a job may start.
    const char* obstacle() const;

    const GateConfig config_;
    ants::Deadline next_{};  // no start before
    bool is_closed_ = false;
    bool has_said_ = false;
    ants::Notice closed_;
};

}  // namespace antsrun
