#include "run/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include "ants/carrier.hpp"
#include "base/error.hpp"

namespace antsrun {
namespace {

constexpr std::size_t kReadSize = 64 * 1024;

// One buffer for all jobs of a carrier: it is never in use across a wait.
char* read_buffer() {
    thread_local char buffer[kReadSize];
    return buffer;
}

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

std::size_t bytes_waiting(const UniqueFd& pipe) {
    int waiting = 0;
    if (pipe && ::ioctl(pipe.get(), FIONREAD, &waiting) == 0 && waiting > 0) {
        return static_cast<std::size_t>(waiting);
    }
    return 0;
}

// Reads what strays write, so that they neither block nor die, for as long as the pool lives.
ants::Task<> discard(UniqueFd pipe) {
    ::pollfd waiting{pipe.get(), POLLIN, 0};
    for (;;) {
        co_await ants::poll({&waiting, 1});
        const ssize_t n = ::read(pipe.get(), read_buffer(), kReadSize);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            co_return;
        }
    }
}

}  // namespace

Child::Child(Spawned spawned, UniqueFd out, UniqueFd err, std::unique_ptr<Feed> feed, JobTree tree,
             EndingRules rules, const JobClock& clock)
    : pid_(spawned.pid),
      exited_(std::move(spawned.exited)),
      out_(std::move(out)),
      err_(std::move(err)),
      feed_(std::move(feed)),
      tree_(std::move(tree)),
      rules_(rules),
      clock_(clock),
      begin_(clock.now()) {}

Child::~Child() {
    if (!reaped_) {
        signal_group(SIGKILL);
        reap();
    }
}

ants::Task<> Child::wait(Sink& sink, JobControl& control) {
    while (!is_over()) {
        heed(control);
        prepare_poll(sink.is_ready(), !has_exited_);
        const int ready = co_await ants::poll(waiting_, next_look(control), &control.notice);
        if (ready < 0) {
            // No memory to wait properly: look again and again, but lose nothing.
            co_await ants::sleep_for(std::chrono::milliseconds(10));
        }
        if (ready <= 0) {
            // A notice or the time has come, nobody has looked: an exit counts before a deadline.
            ::poll(waiting_.data(), waiting_.size(), 0);
        }
        control.notice.take();
        read_ready(sink);
        look_at_time(control, sink);
    }
    leave_pipes();
    reap();
}

bool Child::is_over() const {
    const bool is_ended = level_ == Level::none || is_tree_gone_;
    return has_exited_ && is_ended && is_drained();
}

void Child::heed(const JobControl& control) {
    if (clock_.is_stopped() != is_stopped_) {
        heed_clock();
    }
    const int wanted = std::min(control.stop_requests(), 2);
    if (wanted > stop_requests_) {
        // Whoever has exited by now has ended by itself.
        stop_requests_ = has_exited_ ? stop_requests_ : wanted;
        raise_level(wanted == 1 ? Level::asked : Level::killed);
    }
}

void Child::heed_clock() {
    is_stopped_ = !is_stopped_;
    // Not SIGTSTP, which is discarded where nobody could continue the process.
    const int signal = is_stopped_ ? SIGSTOP : SIGCONT;
    signal_group(signal);
    for (const Process& process : tree_.look()) {
        if (process.group != pid_) {
            send_signal(process, signal);
        }
    }
}

// Exits have been looked at before.
void Child::look_at_time(const JobControl& control, Sink& sink) {
    if (has_exited_) {
        note_silence(sink);
    } else if (level_ == Level::none && control.limit() != JobControl::kNoLimit &&
               clock_.now() - begin_ >= control.limit()) {
        timed_out_ = true;
        raise_level(Level::asked);
    }
    if (level_ == Level::asked && clock_.now() >= kill_at_) {
        raise_level(Level::killed);
    }
    if (has_exited_ && level_ != Level::none && !is_tree_gone_) {
        look_at_rest();
    }
}

// The leader has ended, the rest is to.
void Child::look_at_rest() {
    const std::vector<Process> living = tree_.look();
    is_tree_gone_ = living.empty();
    if (is_tree_gone_) {
        silence_ = ants::Clock::now() + kLeakPatience;
    } else if (level_ == Level::asked) {
        ask_tree(living);
    } else if (clock_.now() < give_up_at_) {
        kill_tree();
    } else {
        is_tree_gone_ = true;  // what even that does not end hangs in the kernel
        leaked_ = true;
    }
}

void Child::note_silence(Sink& sink) {
    const bool is_ending = level_ != Level::none && !is_tree_gone_;
    if (is_ending || ants::Clock::now() < silence_) {
        return;
    }
    if (sink.is_ready()) {
        leaked_ = true;  // what the job itself wrote is still owed
        silence_ = ants::kNever;
    } else {
        // It is the reader of our output who is slow: the pipes were not even looked at.
        silence_ = ants::Clock::now() + kLeakPatience;
    }
}

void Child::raise_level(Level level) {
    if (level <= level_) {
        return;
    }
    level_ = level;
    if (level == Level::asked) {
        kill_at_ = clock_.now() + rules_.grace;
        const std::vector<Process> living = tree_.look();
        signal_group(SIGTERM);  // the group at once: it may be forking
        signal_group(SIGCONT);  // a stopped process would not see the TERM
        std::copy_if(living.begin(), living.end(), std::back_inserter(asked_),
                     [this](const Process& process) { return process.group == pid_; });
        ask_tree(living);
    } else {
        give_up_at_ = clock_.now() + kGrace;
        kill_tree();
    }
}

void Child::ask_tree(const std::vector<Process>& living) {
    for (const Process& process : living) {
        const auto is_it = [&](const Process& other) { return other.is_same(process); };
        if (std::none_of(asked_.begin(), asked_.end(), is_it)) {
            send_signal(process, SIGTERM);
            send_signal(process, SIGCONT);
            asked_.push_back(process);
        }
    }
}

void Child::kill_tree() {
    const std::vector<Process> living = tree_.look();  // before the ties between them are cut
    signal_group(SIGKILL);
    for (const Process& process : living) {
        send_signal(process, SIGKILL);
    }
}

// When something is to be done, though nothing happens.
ants::Deadline Child::next_look(const JobControl& control) const {
    constexpr auto kLookAgain = std::chrono::milliseconds(20);
    if (has_exited_ && level_ != Level::none && !is_tree_gone_) {
        return ants::Clock::now() + kLookAgain;
    }
    if (has_exited_) {
        return silence_;
    }
    const bool has_limit = level_ == Level::none && control.limit() != JobControl::kNoLimit;
    if (is_stopped_ || (!has_limit && level_ != Level::asked)) {
        return ants::kNever;
    }
    const auto due = has_limit ? begin_ + control.limit() : kill_at_;
    return ants::Clock::now() + (due - clock_.now());
}

void Child::prepare_poll(bool may_read, bool for_exit) {
    waiting_[0] = {for_exit ? exited_.get() : -1, POLLIN, 0};
    waiting_[1] = {may_read && out_ ? out_.get() : -1, POLLIN, 0};
    waiting_[2] = {may_read && err_ ? err_.get() : -1, POLLIN, 0};
    if (feed_ && !feed_->refill()) {
        feed_.reset();
    }
    waiting_[3] = feed_ ? ::pollfd{feed_->descriptor(), feed_->events(), 0} : ::pollfd{-1, 0, 0};
}

void Child::read_ready(Sink& sink) {
    // Look at the exit first: what is in the pipes after it was written before it.
    if (waiting_[0].revents != 0) {
        note_exit();
    }
    if (feed_ && waiting_[3].revents != 0 && !feed_->write_some(waiting_[3].revents)) {
        feed_.reset();
    }
    if (waiting_[1].revents != 0 && !read_some(out_, Stream::out, sink)) {
        out_.reset();
    }
    if (waiting_[2].revents != 0 && !read_some(err_, Stream::err, sink)) {
        err_.reset();
    }
}

// Once, after poll() has said that it will not block: nobody else reads this pipe. False at the end
// of the stream.
bool Child::read_some(UniqueFd& pipe, Stream stream, Sink& sink) {
    const ssize_t n = ::read(pipe.get(), read_buffer(), kReadSize);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (n < 0) {
        read_error_ = errno;
        return false;
    }
    const auto length = static_cast<std::size_t>(n);
    if (length > 0) {
        sink.write(stream, {read_buffer(), length});
        captured_[stream == Stream::out ? 0 : 1] += length;
    }
    auto& owed = stream == Stream::out ? out_owed_ : err_owed_;
    owed -= std::min(owed, length);
    return length > 0;
}

// The group's number is ours until the leader is reaped.
void Child::signal_group(int signal) noexcept { ::kill(-pid_, signal); }

void Child::note_exit() {
    has_exited_ = true;
    feed_.reset();
    out_owed_ = bytes_waiting(out_);
    err_owed_ = bytes_waiting(err_);
    silence_ = ants::Clock::now() + kLeakPatience;
    if (rules_.kills_strays) {
        raise_level(Level::asked);
    }
}

bool Child::is_drained() const {
    return leaked_ ? out_owed_ == 0 && err_owed_ == 0 : !out_ && !err_;
}

void Child::leave_pipes() {
    for (UniqueFd* pipe : {&out_, &err_}) {
        if (*pipe) {
            ants::Carrier::current()->spawn(discard(std::move(*pipe)));
        }
    }
}

void Child::reap() noexcept {
    siginfo_t info{};
    rusage used{};
    while (::syscall(SYS_waitid, P_PID, pid_, &info, WEXITED, &used) == -1 && errno == EINTR) {
    }
    reaped_ = true;
    code_ = info.si_code;
    status_ = info.si_status;
    usage_ = {seconds_of(used.ru_utime), seconds_of(used.ru_stime),
              static_cast<std::int64_t>(used.ru_maxrss) * 1024};
    // The number can only be a group's again if somebody of the old one is left in it, short of a
    // reuse of the pid in this very moment.
    leaked_ = leaked_ || (!is_tree_gone_ && ::kill(-pid_, 0) == 0);
}

Ending Child::ending() const {
    if (read_error_ != 0) {
        return Thrown{Error{"its output could not be read", read_error_}.message()};
    }
    const bool died = code_ == CLD_KILLED || code_ == CLD_DUMPED;
    if (timed_out_) {
        return died ? TimedOut{.signal = status_} : TimedOut{.exit_code = status_};
    }
    if (stop_requests_ > 0) {
        return died ? Killed{.signal = status_} : Killed{.exit_code = status_};
    }
    if (died) {
        return Signaled{status_, code_ == CLD_DUMPED};
    }
    return Exited{status_};
}

}  // namespace antsrun
