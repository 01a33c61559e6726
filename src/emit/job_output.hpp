// The output of one running job on its way from the job's worker to control.
//
// While the job must wait for its turn, its bytes are held here in spools. Once it is live, they
// are posted to control as they come, against a credit: without credit the worker does not read the
// job's pipes, so a slow reader slows the job and costs no memory.
//
// The worker calls what Sink declares; control calls go_live() and grant() at any time, and the
// rest only after the job has ended.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ants/wait.hpp"
#include "emit/line_tags.hpp"
#include "emit/result_files.hpp"
#include "emit/spool.hpp"
#include "job/seams.hpp"

namespace antsrun {

class JobOutput;

// Bytes on their way to stdout or stderr.
struct Piece {
    Stream stream = Stream::out;
    Spool spool;
    // To be given back its credit once they are written; may be null.
    std::shared_ptr<JobOutput> from;
};

// What workers tell control about output.
class Inbox {
public:
    struct Mail {
        std::uint64_t seq = 0;
        // None: the job cannot hold more and waits to go live.
        std::optional<Piece> piece;
    };

    // Any thread.
    void post(Mail mail);

    // Control.
    std::vector<Mail> take();
    ants::Notice& notice() { return notice_; }

private:
    std::mutex mutex_;
    std::vector<Mail> mail_;  // guarded by mutex_
    ants::Notice notice_;
};

struct JobOutputConfig {
    bool whole_lines = false;   // --line-buffer: when live, post only whole lines
    bool pass_through = false;  // --ungroup
    bool print_out = false;     // -v
    bool print_err = false;     // -t
};

class JobOutput : public Sink, public std::enable_shared_from_this<JobOutput> {
public:
    // `earlier`: the output of the attempt before, or null. Dropped when this one begins.
    JobOutput(std::uint64_t seq, JobOutputConfig config, std::shared_ptr<JobControl> control,
              SpoolBudget& budget, Inbox& inbox, std::shared_ptr<JobOutput> earlier = nullptr);

    std::string begin(const Command& command) override;
    bool is_ready() override;
    void write(Stream stream, std::string_view bytes) override;
    int passed_through(Stream stream) const override;
    std::string stderr_tail() const override { return tail_; }

    // Control: from now on post bytes as they come, at most `credit` of them unwritten.
    void go_live(std::int64_t credit);
    void grant(std::uint64_t credit);
    bool is_live() const { return live_.load(); }

    // Control, after the end of the job: what is still held, and a newline where tagged output
    // lacks its last one.
    std::vector<Piece> take_held();

    // Control, after the end of the job: why not all of its output is in its result files.
    std::optional<Error> results_error() const;

private:
    Spool& held(Stream stream) { return stream == Stream::out ? out_ : err_; }
    void hand_over();
    void print_command(Stream stream, const std::string& line);
    bool append(Stream stream, std::string_view bytes);
    void post(Stream stream, Spool spool);
    void post_held(Stream stream);
    void keep_tail(std::string_view bytes);

    const std::uint64_t seq_;
    const JobOutputConfig config_;
    const std::shared_ptr<JobControl> control_;
    SpoolBudget& budget_;
    Inbox& inbox_;

    std::atomic<bool> live_{false};
    std::atomic<std::int64_t> credit_{0};

    // The worker's, then control's.
    std::shared_ptr<JobOutput> earlier_;  // null once this attempt has begun
    Spool out_;
    Spool err_;
    LineTags tags_;
    std::optional<OpenResultFiles> results_;  // take all, if they are there
    std::string tail_;
    bool handed_over_ = false;
    bool is_full_ = false;
};

}  // namespace antsrun
