// How far the run is, while it goes on (--progress). What a line says is pure formatting; when it
// is shown, and where, is decided by others.
//
//     antsrun: 12/40 done, 4 running, 1 failed, 3.2/s, ETA 9s [======>             ] 30%
//
// Control thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

struct ProgressFigures {
    std::uint64_t done = 0;  // ended, failed ones included
    std::uint64_t failed = 0;
    std::uint64_t running = 0;
    // Of all jobs. Nothing as long as the input has not ended: nobody reads ahead to count.
    std::optional<std::uint64_t> total{};
    // Since the beginning.
    double seconds = 0;
};

// A line of text without its newline, and without a bar.
std::string progress_text(const ProgressFigures& figures);

// The same for a terminal of so many columns, with a bar if there is room and the total is known.
// Shorter than the terminal is wide; what matters least is left out first. ASCII, no controls.
std::string progress_line(const ProgressFigures& figures, int columns);

// Counts.
class Progress : public Observer {
public:
    // `slots`: the most jobs at once.
    explicit Progress(int slots) : slots_(slots) {}
    void set_slots(int slots) { slots_ = slots; }

    void on_read(const Job&) override { ++read_; }
    void on_input_end() override { input_ended_ = true; }
    void on_finished(const Finished& finished) override;
    void on_not_started(const Job&) override { ++not_started_; }

    ProgressFigures figures(double seconds) const;

private:
    int slots_;
    std::uint64_t read_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t not_started_ = 0;
    bool input_ended_ = false;
};

}  // namespace antsrun
