// antsrun: run a list of commands in parallel, as fast as the kernel can start processes, and tell
// exactly what happened.
//
// A map of the house, in the order of one sentence:
//
//     cli       what was asked for: the command line becomes an Options value
//     front     two processes: the front the user sees, the core that works      (front.cpp)
//     work      what there is to do: inputs, jobs and their commands              (work.cpp)
//     resume    what of it an earlier run has done; ask: what the user refuses    (resume.cpp,
//     ask.cpp) settings  what the options mean for the stages (settings.cpp) app       puts the
//     stages together and runs them; dry_run: runs nothing     (app.cpp, dry_run.cpp) read records,
//     or blocks, from stdin, files and the command line       (control thread) expand    records
//     become jobs, a job in a slot becomes a command dispatch  may it start, again, is it the end,
//     stop?                        (control thread) run       start a process, watch it, end it
//     (carriers) emit      whose bytes are printed, in what order (control thread) report    what
//     happened: journal, summary for people, report as JSON       (control thread) job       the
//     values that flow between the stages, and the seams base      what the system lacks ants the
//     library under it all: workers that are coroutines, on carriers that are threads
//
// The control thread is the main thread of the core; carriers belong to the pool.
#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include "app.hpp"
#include "base/fd.hpp"
#include "cli/exit_code.hpp"
#include "cli/parse.hpp"
#include "front.hpp"

int main(int argc, char** argv) {
    using namespace antsrun;
    fill_standard_descriptors();
    try {
        const cli::Options options = cli::parse({argv, argv + argc});
        if (!options.message.empty()) {
            return write_all(1, options.message) ? 0 : cli::kTrouble;
        }
        StartState start = StartState::look();
        if (options.is_interactive || options.xargs.opens_terminal) {
            start.terminal = UniqueFd(::open("/dev/tty", O_RDWR | O_CLOEXEC));
            if (!start.terminal) {
                write_all(2, fmt::format("antsrun: {}\n", last_error("open /dev/tty").message()));
                return cli::trouble(options);
            }
        }
        auto link = split_off_core(start);
        if (!link) {
            write_all(2, fmt::format("antsrun: {}\n", link.error().message()));
            return cli::kTrouble;
        }
        link->send(run_app(options, start, *link));
        ::_exit(0);  // everything is written; the front waits for us
    } catch (const cli::UsageError& error) {
        write_all(2, error.what());
        return error.exit_status;
    }
}
