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
#include <utility>

#include "ants/carrier.hpp"

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

Child::Child(Spawned spawned, UniqueFd out, UniqueFd err, std::unique_ptr<Feed> feed) noexcept
    : pid_(spawned.pid),
      exited_(std::move(spawned.exited)),
      out_(std::move(out)),
      err_(std::move(err)),
      feed_(std::move(feed)) {}

Child::~Child() {
    if (!reaped_) {
        signal_group(SIGKILL);
        reap();
    }
}

ants::Task<> Child::wait(Sink& sink, JobControl& control) {
    while (!has_exited_ || !is_drained()) {
        heed(control);
        prepare_poll(sink.is_ready(), !has_exited_);
        const int ready = co_await ants::poll(waiting_, deadline_, &control.notice);
        if (ready < 0) {
            // No memory to wait properly: look again and again, but lose nothing.
            co_await ants::sleep_for(std::chrono::milliseconds(10));
            ::poll(waiting_.data(), waiting_.size(), 0);
        }
        control.notice.take();
        read_ready(sink);
        if (deadline_ != ants::kNever && ants::Clock::now() >= deadline_) {
            on_deadline(sink);
        }
    }
    leave_pipes();
    reap();
}

void Child::on_deadline(Sink& sink) {
    if (!has_exited_) {
        stop_level_ = 2;
        deadline_ = ants::kNever;
        signal_group(SIGKILL);
    } else if (sink.is_ready()) {
        leaked_ = true;  // what the job itself wrote is still owed
        deadline_ = ants::kNever;
    } else {
        // It is the reader of our output who is slow: the pipes were not even looked at.
        deadline_ = ants::Clock::now() + kLeakPatience;
    }
}

void Child::prepare_poll(bool may_read, bool for_exit) {
    waiting_[0] = {for_exit ? exited_.get() : -1, POLLIN, 0};
    waiting_[1] = {may_read && out_ ? out_.get() : -1, POLLIN, 0};
    waiting_[2] = {may_read && err_ ? err_.get() : -1, POLLIN, 0};
    waiting_[3] = {feed_ ? feed_->descriptor() : -1, POLLOUT, 0};
}

void Child::read_ready(Sink& sink) {
    // Look at the exit first: what is in the pipes after it was written before it.
    if (waiting_[0].revents != 0) {
        note_exit();
    }
    if (feed_ && waiting_[3].revents != 0 && !feed_->write_some()) {
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
    if (n < 0) {
        return errno == EAGAIN || errno == EINTR;
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

void Child::heed(const JobControl& control) {
    const int wanted = std::min(control.stop_requests(), 2);
    if (wanted <= stop_level_ || has_exited_) {
        return;
    }
    stop_level_ = wanted;
    if (wanted == 1) {
        signal_group(SIGTERM);
        signal_group(SIGCONT);  // a stopped process would not see the TERM
        deadline_ = ants::Clock::now() + kGrace;
    } else {
        signal_group(SIGKILL);
        deadline_ = ants::kNever;
    }
}

// The group's number is ours until the leader is reaped.
void Child::signal_group(int signal) noexcept { ::kill(-pid_, signal); }

void Child::note_exit() {
    has_exited_ = true;
    feed_.reset();
    out_owed_ = bytes_waiting(out_);
    err_owed_ = bytes_waiting(err_);
    deadline_ = ants::Clock::now() + kLeakPatience;
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
    leaked_ = leaked_ || ::kill(-pid_, 0) == 0;
}

Ending Child::ending() const {
    const bool died = code_ == CLD_KILLED || code_ == CLD_DUMPED;
    if (stop_level_ > 0) {
        return died ? Killed{.signal = status_} : Killed{.exit_code = status_};
    }
    if (died) {
        return Signaled{status_, code_ == CLD_DUMPED};
    }
    return Exited{status_};
}

}  // namespace antsrun
