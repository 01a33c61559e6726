#include "emit/emitter.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace antsrun {
namespace {

// All jobs together hold at most this much in memory, the rest in files.
constexpr std::size_t kBudget = 32 * 1024 * 1024;
// No job is started while more than this waits for the readers of stdout and stderr.
constexpr std::uint64_t kBacklog = 16 * 1024 * 1024;
// What a live job may have unwritten. Line-buffered, every job is live.
constexpr std::int64_t kLiveCredit = 1024 * 1024;
constexpr std::int64_t kLineCredit = 64 * 1024;

// The line in place of what stands in the terminal's current one.
std::string erasing(std::string_view line) {
    return std::string("\r").append(line).append("\x1b[K");
}

// Its last byte is a newline.
bool ends_line(const Spool& spool) {
    if (!spool.memory().empty()) {
        return spool.memory().back() == '\n';
    }
    char last = 0;
    return spool.file_size() > 0 &&
           ::pread(spool.file(), &last, 1, static_cast<off_t>(spool.file_size() - 1)) == 1 &&
           last == '\n';
}

}  // namespace

Emitter::Emitter(EmitterConfig config)
    : config_(std::move(config)),
      is_ordered_(config_.ordered),
      budget_(kBudget),
      out_(config_.out),
      err_(config_.err) {}

std::shared_ptr<Sink> Emitter::open(const Job& job, std::shared_ptr<JobControl> control) {
    Place& place = jobs_[job.seq];
    const bool is_new = place.output == nullptr;
    if (!is_new) {
        collect();  // what the attempt before has posted is printed already
    }
    auto output = std::make_shared<JobOutput>(job.seq, config_.job, std::move(control), budget_,
                                              inbox_, std::move(place.output));
    place.output = output;
    place.may_be_live = config_.job.whole_lines || !job.may_run_again;
    if (is_ordered_ && is_new) {
        append_turn(job.seq);
    }
    const bool is_first = is_ordered_ ? job.seq == head_ : config_.job.whole_lines;
    if (is_first || job.seq == exclusive_) {
        make_live(place);
    }
    return output;
}

// Numbers left out are those of jobs that do not run.
void Emitter::append_turn(std::uint64_t seq) {
    if (closed_.empty()) {
        head_ = seq;
    }
    closed_.resize(seq - head_, true);
    closed_.push_back(false);
}

void Emitter::make_live(std::uint64_t seq) {
    if (const auto job = jobs_.find(seq); job != jobs_.end()) {
        make_live(job->second);
    }
}

void Emitter::make_live(Place& place) const {
    if (place.may_be_live && !place.output->is_live()) {
        place.output->go_live(config_.job.whole_lines ? kLineCredit : kLiveCredit);
    }
}

void Emitter::close(const Job& job) {
    collect();  // what it posted comes before what it still holds
    if (const auto output = jobs_.find(job.seq); !results_error_ && output != jobs_.end()) {
        results_error_ = output->second.output->results_error();
    }
    if (is_ordered_) {
        close_in_order(job.seq);
    } else {
        close_unordered(job.seq);
    }
}

void Emitter::stop_ordering() {
    if (std::exchange(is_ordered_, false)) {
        exclusive_ = jobs_.contains(head_) && !config_.job.whole_lines ? head_ : 0;
        closed_.clear();
    }
}

void Emitter::close_in_order(std::uint64_t seq) {
    closed_[seq - head_] = true;
    while (!closed_.empty() && closed_.front()) {
        print_held(head_);
        closed_.pop_front();
        ++head_;
    }
    make_live(head_);
}

void Emitter::close_unordered(std::uint64_t seq) {
    if (exclusive_ != 0 && exclusive_ != seq) {
        std::erase(blocked_, seq);
        held_.push_back(seq);
        return;
    }
    print_held(seq);
    if (exclusive_ == seq) {
        exclusive_ = 0;
        for (const std::uint64_t ended : std::exchange(held_, {})) {
            print_held(ended);
        }
        next_exclusive();
    }
}

void Emitter::next_exclusive() {
    if (exclusive_ == 0 && !blocked_.empty()) {
        exclusive_ = blocked_.front();
        blocked_.pop_front();
        make_live(exclusive_);
    }
}

void Emitter::mark_last(const Job& job) {
    if (!is_ordered_ && !config_.job.whole_lines && exclusive_ == 0) {
        exclusive_ = job.seq;
        make_live(job.seq);
    }
}

void Emitter::print_held(std::uint64_t seq) {
    const auto job = jobs_.find(seq);
    if (job == jobs_.end()) {
        return;
    }
    for (Piece& piece : job->second.output->take_held()) {
        enqueue(seq, std::move(piece));
    }
    jobs_.erase(job);
}

void Emitter::collect() {
    for (auto& [seq, piece] : inbox_.take()) {
        if (piece) {
            enqueue(seq, std::move(*piece));
        } else {
            note_full(seq);
        }
    }
}

// It holds all it can: its turn is the first that comes.
void Emitter::note_full(std::uint64_t seq) {
    if (const auto job = jobs_.find(seq); job != jobs_.end()) {
        job->second.may_be_live = true;
    }
    if (!is_ordered_) {
        blocked_.push_back(seq);
        next_exclusive();
    } else if (seq == head_) {
        make_live(seq);
    }
}

void Emitter::enqueue(std::uint64_t seq, Piece piece) {
    last_printed_ = seq;
    queued_bytes_ += piece.spool.size();
    queue_.push_back(std::move(piece));
    changed_.set();
}

void Emitter::say(Stream stream, std::string_view text) {
    Spool spool(budget_);
    spool.append(text);
    enqueue(0, {stream, std::move(spool), nullptr});
}

ants::Task<> Emitter::pump() {
    for (;;) {
        while (!queue_.empty()) {
            Piece piece = std::move(queue_.front());
            queue_.pop_front();
            if (writer(piece.stream).is_terminal() && !piece.spool.is_empty()) {
                co_await draw_status("");
                is_at_line_start_ = ends_line(piece.spool);
            }
            co_await print(piece);
            queued_bytes_ -= piece.spool.size();
            if (piece.from != nullptr) {
                piece.from->grant(piece.spool.size());
            }
            shrunk_.set();
        }
        if (is_at_line_start_) {
            co_await draw_status(status_);
        }
        drained_.set();
        if (queue_.empty()) {
            co_await ants::poll({}, ants::kNever, &changed_);
            changed_.take();
        }
    }
}

ants::Task<> Emitter::receive() {
    for (;;) {
        co_await ants::poll({}, ants::kNever, &inbox_.notice());
        inbox_.notice().take();
        collect();
    }
}

ants::Task<> Emitter::print(Piece& piece) {
    Writer& target = writer(piece.stream);
    int error = piece.stream == Stream::out ? out_error_ : err_error_;
    if (error == 0 && piece.spool.file_size() > 0) {
        error = co_await target.copy(piece.spool.file(), piece.spool.file_size());
    }
    if (error == 0 && !piece.spool.memory().empty()) {
        error = co_await target.write(piece.spool.memory());
    }
    note_error(piece.stream, error);
}

// Make this the status line, where none is to stand: nothing.
ants::Task<> Emitter::draw_status(std::string_view line) {
    if (drawn_status_ == line) {
        co_return;
    }
    drawn_status_ = line;
    const std::string text = erasing(line);
    co_await err_.write(text);  // if that fails, the next piece will tell
}

void Emitter::show_status(std::string line) {
    if (status_ != line) {
        status_ = std::move(line);
        changed_.set();
    }
}

void Emitter::note_error(Stream stream, int error) {
    int& known = stream == Stream::out ? out_error_ : err_error_;
    if (error == 0 || known != 0) {
        return;
    }
    known = error;
    if (stream == Stream::out && config_.on_broken) {
        config_.on_broken(error);
    }
}

ants::Task<> Emitter::room() {
    while (queued_bytes_ > kBacklog) {
        shrunk_.take();
        co_await ants::poll({}, ants::kNever, &shrunk_);
    }
}

ants::Task<> Emitter::flush() {
    collect();
    while (queued_bytes_ > 0 || (status_.empty() && !drawn_status_.empty())) {
        drained_.take();
        co_await ants::poll({}, ants::kNever, &drained_);
    }
}

void Emitter::abandon() {
    out_.give_up();
    err_.give_up();
}

int Emitter::columns() const {
    winsize size{};
    const bool is_known = ::ioctl(config_.err, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_known ? size.ws_col : 80;
}

bool Emitter::is_terminal(Stream stream) const {
    return (stream == Stream::out ? out_ : err_).is_terminal();
}

}  // namespace antsrun
