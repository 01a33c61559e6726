// The few lines for people at the end of a run in which jobs failed: which ones, why, what they
// said last, and a line to paste that runs them again. Belongs to the control thread.
//
//     antsrun: 2 of 120 jobs failed
//       #17  ./check --all
//            exit 3
//            | assertion failed in line 12
//       #90  ./render huge.svg
//            crashed with SIGSEGV (core dumped)
//     antsrun: to run them again:
//       printf '%s\n' './check --all' './render huge.svg' | antsrun
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "job/seams.hpp"

namespace antsrun {

struct DigestStyle {
    bool color = false;
    // The job whose output stands right above the digest: its stderr is not repeated. 0: none.
    std::uint64_t just_shown = 0;
    // How to call antsrun again, as shell text: "antsrun --shell /bin/bash". Empty: that alone
    // would not do.
    std::string_view antsrun = "antsrun";
    // Their log, from which they can be run again: --joblog. Empty: none.
    std::string_view journal{};
};

class Digest : public Observer {
public:
    static constexpr std::size_t kMostJobs = 10;
    static constexpr std::size_t kMostLines = 3;        // of the end of stderr
    static constexpr std::size_t kColumns = 200;        // of one line
    static constexpr std::size_t kLongestRerun = 1024;  // bytes of a command in the line to paste

    void on_read(const Job&) override {}
    void on_finished(const Finished& finished) override;
    void on_not_started(const Job&) override { ++not_started_; }

    // The lines, each with its newline; empty if no job failed. Whatever the jobs are called and
    // say, no control character is in it but newlines, and the colours if asked for.
    std::string text(const DigestStyle& style) const;

private:
    struct Entry {
        std::uint64_t seq = 0;
        std::string command;  // its start, enough for a line
        std::string rerun;    // the whole command line; empty if it is too long, or none
        std::string cause;
        std::string stderr_tail;
    };

    std::string entry_text(const Entry& entry, const DigestStyle& style) const;
    std::string rerun_text(const DigestStyle& style) const;

    std::uint64_t ended_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t not_started_ = 0;
    std::vector<Entry> entries_;  // the first kMostJobs
};

}  // namespace antsrun
