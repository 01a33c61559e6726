#include "dry_run.hpp"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "ants/carrier.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "cli/exit_code.hpp"
#include "emit/writer.hpp"

namespace antsrun {

Verdict print_commands(JobSource& jobs, const Renderer& renderer) {
    ants::Carrier control;
    Writer out(1);
    const auto print_all = [&]() -> ants::Task<int> {
        constexpr std::size_t kBlock = 64 * 1024;
        std::string block;
        int error = 0;
        while (error == 0) {
            auto job = co_await jobs.next();
            if (job) {
                block += renderer.render(*job, 1).line;
                block += '\n';
            }
            if (!job || block.size() >= kBlock) {
                error = co_await out.write(std::exchange(block, {}));
            }
            if (!job) {
                break;
            }
        }
        co_return error;
    };
    const int error = control.run(print_all());
    if (error == EPIPE) {
        return {128 + SIGPIPE, SIGPIPE};
    }
    const std::string trouble =
        error != 0 ? Error{"cannot write to standard output", error}.message() : jobs.error();
    if (!trouble.empty()) {
        write_all(2, fmt::format("antsrun: {}\n", trouble));
        return {cli::kTrouble, 0};
    }
    return {0, 0};
}

}  // namespace antsrun
