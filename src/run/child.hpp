// One running child and what must be given back when it ends: its pipes, its process group, its
// pid. Made by a Launcher, lives in the frame of one worker and belongs to that worker's carrier.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

#include <poll.h>

#include "ants/task.hpp"
#include "ants/wait.hpp"
#include "base/fd.hpp"
#include "job/outcome.hpp"
#include "job/seams.hpp"
#include "run/feed.hpp"
#include "run/spawn.hpp"

namespace antsrun {

// How long a job asked to end (SIGTERM) may take before it is made to (SIGKILL).
inline constexpr auto kGrace = std::chrono::seconds(2);

// How long after the exit of a job's leader its pipes may stay open before they count as leaked.
inline constexpr auto kLeakPatience = std::chrono::milliseconds(100);

class Child {
public:
    // Take over a process just started and our ends of its output pipes (empty when the job writes
    // to antsrun's own descriptors). From here on it will be reaped, whatever happens.
    // `feed` writes its standard input; may be null.
    Child(Spawned spawned, UniqueFd out, UniqueFd err, std::unique_ptr<Feed> feed) noexcept;

    // Kills the group and reaps, if wait() was not reached or did not end.
    ~Child();

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Move output to `sink` until the leader has exited and its pipes are drained. A stop request
    // of `control` starts terminating: TERM and CONT to the group, kGrace, KILL; a second one kills
    // at once. Pipes that something keeps open get kLeakPatience, then are read and thrown away
    // until the pool ends, so that their writers do not die of SIGPIPE.
    ants::Task<> wait(Sink& sink, JobControl& control);

    // After wait(): how it ended, what it used, whether something was left running.
    Ending ending() const;
    Usage usage() const { return usage_; }
    // Bytes given to the sink.
    std::uint64_t captured(Stream stream) const { return captured_[stream == Stream::out ? 0 : 1]; }
    bool leaked() const { return leaked_; }

private:
    void on_deadline(Sink& sink);
    void prepare_poll(bool may_read, bool for_exit);
    void read_ready(Sink& sink);
    bool read_some(UniqueFd& pipe, Stream stream, Sink& sink);
    void heed(const JobControl& control);
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
    std::array<::pollfd, 4> waiting_{};

    bool has_exited_ = false;
    bool reaped_ = false;
    bool leaked_ = false;
    int stop_level_ = 0;  // requests acted on: 0, 1 = TERM sent, 2 = KILL sent
    ants::Deadline deadline_ = ants::kNever;
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
