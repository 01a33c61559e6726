// One running child and what must be given back when it ends: its pipes, its process group, its
// pid. Made by a Launcher, lives in the frame of one worker and belongs to that worker's carrier.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include <poll.h>

#include "ants/task.hpp"
#include "ants/wait.hpp"
#include "base/fd.hpp"
#include "job/job_clock.hpp"
#include "job/outcome.hpp"
#include "job/seams.hpp"
#include "run/feed.hpp"
#include "run/process_tree.hpp"
#include "run/spawn.hpp"

namespace antsrun {

// How long processes asked to end (SIGTERM) may take before they are made to (SIGKILL), if nothing
// else is said.
inline constexpr auto kGrace = std::chrono::seconds(2);

// How long after the exit of a job's leader its pipes may stay open before they count as leaked.
inline constexpr auto kLeakPatience = std::chrono::milliseconds(100);

// How a child is ended.
struct EndingRules {
    std::chrono::nanoseconds grace = kGrace;
    // Also what it leaves running when it ends by itself.
    bool kills_strays = false;
};

class Child {
public:
    // Take over a process just started and our ends of its output pipes (empty when the job writes
    // to antsrun's own descriptors). From here on it will be reaped, whatever happens.
    // `feed` writes its standard input; may be null. `clock` outlives the child.
    Child(Spawned spawned, UniqueFd out, UniqueFd err, std::unique_ptr<Feed> feed, JobTree tree,
          EndingRules rules, const JobClock& clock);

    // Kills the group and reaps, if wait() was not reached or did not end.
    ~Child();

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Move output to `sink` until the leader has exited and its pipes are drained. A stop request
    // of `control`, or the end of its limit, starts terminating: TERM and CONT to the whole tree,
    // grace, KILL, until nothing of it is left; a second request kills at once. Pipes that
    // something keeps open get kLeakPatience, then are read and thrown away until the pool ends, so
    // that their writers do not die of SIGPIPE. While the clock is stopped, so is the tree.
    ants::Task<> wait(Sink& sink, JobControl& control);

    // After wait(): how it ended, what it used, whether something was left running.
    Ending ending() const;
    Usage usage() const { return usage_; }
    // Bytes given to the sink.
    std::uint64_t captured(Stream stream) const { return captured_[stream == Stream::out ? 0 : 1]; }
    bool leaked() const { return leaked_; }

private:
    // How far it has been asked to end.
    enum class Level { none, asked, killed };

    bool is_over() const;
    void heed(const JobControl& control);
    void heed_clock();
    void look_at_time(const JobControl& control, Sink& sink);
    void look_at_rest();
    void note_silence(Sink& sink);
    void raise_level(Level level);
    void kill_tree();
    void ask_tree(const std::vector<Process>& living);
    ants::Deadline next_look(const JobControl& control) const;
    void prepare_poll(bool may_read, bool for_exit);
    void read_ready(Sink& sink);
    bool read_some(UniqueFd& pipe, Stream stream, Sink& sink);
    void signal_group(int signal) noexcept;
    void note_exit();
    void reap() noexcept;
    bool is_drained() const;
    void leave_pipes();

    const pid_t pid_;
    UniqueFd exited_;  // pidfd: readable once the leader has exited
    UniqueFd out_;
    UniqueFd err_;
    std::unique_ptr<Feed> feed_;  // null: there is none, or nothing more to write
    JobTree tree_;
    const EndingRules rules_;
    const JobClock& clock_;
    const std::chrono::nanoseconds begin_;  // by the clock
    std::array<::pollfd, 4> waiting_{};

    bool has_exited_ = false;
    bool reaped_ = false;
    bool leaked_ = false;
    bool timed_out_ = false;
    int read_error_ = 0;  // errno: some of its output is lost
    bool is_stopped_ = false;
    // What has been asked of the leader while it lived, and of the tree.
    int stop_requests_ = 0;
    Level level_ = Level::none;
    bool is_tree_gone_ = false;
    std::vector<Process> asked_;              // with TERM
    std::chrono::nanoseconds kill_at_{0};     // by the clock; while level_ is asked
    std::chrono::nanoseconds give_up_at_{0};  // by the clock; while level_ is killed
    ants::Deadline silence_ = ants::kNever;   // after the exit: no longer is waited for the pipes
    // After the exit: bytes that were in each pipe then, which are the job's and must be read.
    std::size_t out_owed_ = 0;
    std::size_t err_owed_ = 0;

    std::array<std::uint64_t, 2> captured_{};  // stdout, stderr

    // As waitid gave them: si_code and si_status.
    int code_ = 0;
    int status_ = 0;
    Usage usage_;
};

}  // namespace antsrun
