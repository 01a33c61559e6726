// Prints reports of made-up runs, one a line, for schema_test.py: every way for a job to end, bytes
// of every kind, lists that are full.
#include <cstdio>
#include <string>

#include "report/summary_json.hpp"
#include "samples.hpp"

using namespace antsrun;
using namespace antsrun::samples;

namespace {

void print(const Summary& summary, const RunFacts& run_facts = facts()) {
    const std::string text = to_json(summary, run_facts, JsonLayout::one_line);
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void run_all_endings(Summary& summary, const std::string& text) {
    using Why = NotStarted::Why;
    const Ending endings[] = {Exited{},
                              Exited{1, false},
                              Exited{127, true},
                              Exited{126, true},
                              Signaled{SIGTERM, false},
                              Signaled{SIGSEGV, true},
                              NotStarted{Why::not_found, text},
                              NotStarted{Why::cannot_run, text},
                              Killed{SIGKILL, 0},
                              Killed{0, 3},
                              Thrown{text}};
    std::uint64_t seq = 0;
    for (const Ending& ending : endings) {
        ++seq;
        run(summary, seq, text, saying(ended(ending), text), static_cast<int>(seq % 4));
    }
    Outcome never_started;
    never_started.ending = Thrown{text};
    run(summary, ++seq, text, never_started, 0);
}

}  // namespace

int main() {
    print(Summary(1000));

    std::string bytes;
    for (int byte = 1; byte < 256; ++byte) {
        bytes += static_cast<char>(byte);
    }
    for (const std::string& text : {std::string("plain"), bytes, std::string(100'000, '\x01')}) {
        Summary summary(1000);
        run_all_endings(summary, text);
        RunFacts run_facts = facts();
        run_facts.argv = {"antsrun", text, text};
        run_facts.halted = text;
        run_facts.exit_status = 255;
        print(summary, run_facts);
    }

    for (const std::size_t limit : {0, 2}) {
        Summary summary(limit);
        run_all_endings(summary, "plain");
        summary.on_read(samples::job(99));
        summary.on_not_started(samples::job(99));
        print(summary);
    }
}
