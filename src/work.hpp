// What there is to do: the jobs and their commands, as the command line asks for them. Puts read
// and expand together. Control thread only.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "job/seams.hpp"

namespace antsrun {

// Tells the user something.
using Say = std::function<void(std::string_view)>;

struct Work {
    // Those further down use those above.
    std::unique_ptr<RecordSource> records;  // null: jobs have blocks of the input
    std::unique_ptr<Renderer> commands;     // the command alone
    std::unique_ptr<Renderer> renderer;     // with all that goes with it; may be null: the command
    std::unique_ptr<JobSource> jobs;        // null: they are in the journal

    const Renderer& final_renderer() const { return renderer ? *renderer : *commands; }
};

// Opens all inputs. `say` outlives the work. The error says what cannot be done, or cannot be read.
Result<Work> plan_work(const cli::Options& options, int capacity, const Say& say);

// No template, and not given as items on our own command line.
bool are_command_lines(const cli::Options& options);

}  // namespace antsrun
