// Decides whose bytes are printed and in what order, and prints them: the one author of stdout and
// stderr. Control thread only.
//
// Grouped, not ordered: a job's output is printed whole when it ends. Ordered: the next job in
// input order is live, those behind it are held until their turn. Line-buffered: every job is live
// (with ordering: the next one), whole lines at once. Ungrouped: jobs write themselves.
//
// On a terminal a status line may stand below all that: it is erased before anything else is
// written there, and drawn again after.
//
// A job is also made live when it is the last one running, or when it can hold no more (no space
// for temporary files): then finished ones wait until it has ended.
//
// What an attempt printed is dropped when another begins, unless it was live: jobs that may run
// again are not made live, but line-buffered ones, and those that can hold no more.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ants/task.hpp"
#include "emit/job_output.hpp"
#include "emit/writer.hpp"
#include "job/seams.hpp"

namespace antsrun {

struct EmitterConfig {
    JobOutputConfig job{};
    // -k, or one job at a time.
    bool ordered = false;
    // Where to print: antsrun's own descriptors, in tests others. They stay the caller's.
    int out = 1;
    int err = 2;
    // Called once, when stdout cannot be written any more, with the errno.
    std::function<void(int)> on_broken{};
};

class Emitter : public Output {
public:
    explicit Emitter(EmitterConfig config);

    std::shared_ptr<Sink> open(const Job& job, std::shared_ptr<JobControl> control) override;
    void close(const Job& job) override;
    void mark_last(const Job& job) override;
    ants::Task<> room() override;
    int broken() const override { return out_error_; }

    // Print a text of our own after what is queued. It must be safe for a terminal.
    void say(Stream stream, std::string_view text);

    // More than one job at a time from now on, and not in order. While no more than one job runs.
    void stop_ordering();

    // The status line from now on; empty: none. At most a line, safe for a terminal, and shorter
    // than columns(). Only if stderr is a terminal. While a job's line there is not complete, it
    // is not shown.
    void show_status(std::string line);

    // Two tasks that run as long as the control loop: print what is queued; collect what live jobs
    // post.
    ants::Task<> pump();
    ants::Task<> receive();

    // Wait until everything queued is written, or cannot be; and an old status line is gone.
    ants::Task<> flush();

    // Bytes written so far, to both streams; whether more wait.
    std::uint64_t written() const { return out_.written() + err_.written(); }
    bool has_backlog() const { return queued_bytes_ > 0; }

    // Write nothing more, not even what is queued: the readers have had their time.
    void abandon();

    // Something that should have gone to stderr could not be written.
    int stderr_error() const { return err_error_; }
    // Output of a job could not be written to its result file: the first time that happened.
    const std::optional<Error>& results_error() const { return results_error_; }
    bool is_terminal(Stream stream) const;
    // Width of the terminal on stderr.
    int columns() const;
    // The job whose output was printed last, 0 if something else was.
    std::uint64_t last_printed() const { return last_printed_; }

private:
    struct Place {
        std::shared_ptr<JobOutput> output;
        // Not while the output may still be dropped for that of another attempt.
        bool may_be_live = true;
    };

    void collect();
    void note_full(std::uint64_t seq);
    void append_turn(std::uint64_t seq);
    void make_live(std::uint64_t seq);
    void make_live(Place& place) const;
    void enqueue(std::uint64_t seq, Piece piece);
    void print_held(std::uint64_t seq);
    void close_in_order(std::uint64_t seq);
    void close_unordered(std::uint64_t seq);
    void next_exclusive();
    ants::Task<> print(Piece& piece);
    ants::Task<> draw_status(std::string_view line);
    Writer& writer(Stream stream) { return stream == Stream::out ? out_ : err_; }
    void note_error(Stream stream, int error);

    const EmitterConfig config_;
    bool is_ordered_;
    SpoolBudget budget_;
    Inbox inbox_;
    Writer out_;
    Writer err_;

    // Open jobs and closed ones with something held.
    std::unordered_map<std::uint64_t, Place> jobs_;

    // Ordered: what is known of jobs head_, head_ + 1, ...: a byte each, so that a million jobs
    // behind a slow one cost a megabyte.
    std::deque<bool> closed_;
    std::uint64_t head_ = 1;

    // Grouped, not ordered: the live one, 0 if none; those that wait to be; ended ones behind it.
    std::uint64_t exclusive_ = 0;
    std::deque<std::uint64_t> blocked_;
    std::vector<std::uint64_t> held_;

    std::deque<Piece> queue_;
    std::uint64_t queued_bytes_ = 0;
    std::string status_;            // wanted
    std::string drawn_status_;      // what stands on the terminal
    bool is_at_line_start_ = true;  // of the terminal
    ants::Notice changed_;          // the queue grew, or the status
    ants::Notice shrunk_;           // the queue shrank: for room()
    ants::Notice drained_;          // for flush()
    int out_error_ = 0;
    int err_error_ = 0;
    std::optional<Error> results_error_;
    std::uint64_t last_printed_ = 0;
};

}  // namespace antsrun
