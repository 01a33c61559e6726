#include "dispatch/gate.hpp"

#include <algorithm>
#include <string>

#include "ants/carrier.hpp"

namespace antsrun {

ants::Task<> Gate::opens(std::size_t running) {
    while (!is_closed_) {
        if (ants::Clock::now() < next_) {
            co_await ants::poll({}, next_, &closed_);
            continue;
        }
        const char* const why = obstacle();
        if (why == nullptr) {
            co_return;
        }
        if (running == 0 && !std::exchange(has_said_, true) && config_.say) {
            config_.say(std::string("antsrun: no job starts: ") + why + "\n");
        }
        next_ = ants::Clock::now() + kLookAgain;
    }
}

void Gate::note_start() {
    const bool has_limits = config_.most_load || config_.least_memory != 0;
    const auto least = has_limits ? std::chrono::nanoseconds(kSettle) : std::chrono::nanoseconds(0);
    next_ = ants::detail::after(ants::Clock::now(), std::max(config_.delay, least));
}

void Gate::close() {
    is_closed_ = true;
    closed_.set();
}

const char* Gate::obstacle() const {
    if (config_.most_load) {
        const auto load = config_.load();
        if (load && *load > *config_.most_load) {
            return "the load is above --load";
        }
    }
    if (config_.least_memory != 0) {
        const auto memory = config_.memory();
        if (memory && *memory < config_.least_memory) {
            return "less memory is free than --memfree";
        }
    }
    return nullptr;
}

}  // namespace antsrun
