#include "ask.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "ants/wait.hpp"
#include "base/fd.hpp"
#include "base/quote.hpp"

namespace antsrun {

ants::Task<std::optional<Job>> Asking::next() {
    for (;;) {
        auto job = co_await jobs_->next();
        if (!job) {
            co_return std::nullopt;
        }
        const std::string line = commands_.render(*job, 1).line;
        write_all(terminal_, fmt::format("{} ?...", escape_for_terminal(line)));
        const std::string said = co_await answer();
        if (said.starts_with('y') || said.starts_with('Y')) {
            co_return job;
        }
    }
}

// A line; empty if the terminal has gone.
ants::Task<std::string> Asking::answer() const {
    std::string said;
    while (!said.ends_with('\n')) {
        ::pollfd waiting{terminal_, POLLIN, 0};
        co_await ants::poll({&waiting, 1});
        char bytes[256];
        const ssize_t n = ::read(terminal_, bytes, sizeof bytes);
        if (n > 0) {
            said.append(bytes, static_cast<std::size_t>(n));
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            co_return said;
        }
    }
    co_return said;
}

}  // namespace antsrun
