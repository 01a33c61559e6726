#include "emit/job_output.hpp"

#include <utility>

namespace antsrun {

void Inbox::post(Mail mail) {
    {
        const std::lock_guard lock(mutex_);
        mail_.push_back(std::move(mail));
    }
    notice_.set();
}

std::vector<Inbox::Mail> Inbox::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(mail_, {});
}

JobOutput::JobOutput(std::uint64_t seq, JobOutputConfig config, std::shared_ptr<JobControl> control,
                     SpoolBudget& budget, Inbox& inbox, std::shared_ptr<JobOutput> earlier)
    : seq_(seq),
      config_(config),
      control_(std::move(control)),
      budget_(budget),
      inbox_(inbox),
      earlier_(std::move(earlier)),
      out_(budget),
      err_(budget) {}

std::string JobOutput::begin(const Command& command) {
    earlier_.reset();
    tags_.set(command.tag);
    if (command.results) {
        auto files = OpenResultFiles::create(*command.results, seq_);
        if (!files) {
            return files.error().message();
        }
        results_ = std::move(*files);
    }
    if (config_.print_out) {
        print_command(Stream::out, command.line + '\n');
    }
    if (config_.print_err) {
        print_command(Stream::err, command.line + '\n');
    }
    return {};
}

void JobOutput::print_command(Stream stream, const std::string& line) {
    if (results_) {
        results_->write(stream, line);
        return;
    }
    append(stream, line);
    if (config_.pass_through) {
        post_held(stream);
    }
}

bool JobOutput::is_ready() {
    if (results_) {
        return true;
    }
    if (!live_.load()) {
        return !is_full_;
    }
    if (!handed_over_) {
        hand_over();
    }
    return credit_.load() > 0;
}

void JobOutput::write(Stream stream, std::string_view bytes) {
    if (stream == Stream::err) {
        keep_tail(bytes);
    }
    if (results_) {
        results_->write(stream, bytes);
        return;
    }
    if (handed_over_ && config_.whole_lines) {
        // The start of a line waits for its end.
        const auto whole = bytes.rfind('\n') + 1;  // 0 if there is none
        if (whole > 0) {
            append(stream, bytes.substr(0, whole));
            post_held(stream);
        }
        append(stream, bytes.substr(whole));
        return;
    }
    const bool kept = append(stream, bytes);
    if (handed_over_) {
        post_held(stream);
    } else if (!kept && !is_full_) {
        is_full_ = true;
        inbox_.post({seq_, std::nullopt});
    }
}

int JobOutput::passed_through(Stream stream) const {
    if (!config_.pass_through || results_) {
        return -1;
    }
    return stream == Stream::out ? 1 : 2;
}

void JobOutput::go_live(std::int64_t credit) {
    credit_.store(credit);
    live_.store(true);
    control_->notice.set();
}

void JobOutput::grant(std::uint64_t credit) {
    const auto amount = static_cast<std::int64_t>(credit);
    const auto before = credit_.fetch_add(amount);
    if (before <= 0 && before + amount > 0) {
        control_->notice.set();
    }
}

std::vector<Piece> JobOutput::take_held() {
    if (earlier_ != nullptr) {
        return earlier_->take_held();
    }
    std::vector<Piece> pieces;
    for (const Stream stream : {Stream::out, Stream::err}) {
        held(stream).append(tags_.end_line(stream));
        if (!held(stream).is_empty()) {
            pieces.push_back({stream, std::exchange(held(stream), Spool(budget_)), nullptr});
        }
    }
    return pieces;
}

std::optional<Error> JobOutput::results_error() const {
    if (earlier_ != nullptr) {
        return earlier_->results_error();
    }
    return results_ ? results_->error() : std::nullopt;
}

void JobOutput::hand_over() {
    handed_over_ = true;
    for (const Stream stream : {Stream::out, Stream::err}) {
        if (!held(stream).is_empty()) {
            post_held(stream);
        }
    }
}

// False: see Spool::append.
bool JobOutput::append(Stream stream, std::string_view bytes) {
    if (!tags_.is_used()) {
        return held(stream).append(bytes);
    }
    bool kept = true;
    while (!bytes.empty()) {
        kept = held(stream).append(tags_.put_before_lines(stream, bytes)) && kept;
    }
    return kept;
}

void JobOutput::post(Stream stream, Spool spool) {
    credit_.fetch_sub(static_cast<std::int64_t>(spool.size()));
    inbox_.post({seq_, Piece{stream, std::move(spool), shared_from_this()}});
}

void JobOutput::post_held(Stream stream) {
    post(stream, std::exchange(held(stream), Spool(budget_)));
}

void JobOutput::keep_tail(std::string_view bytes) {
    if (bytes.size() >= kStderrTail) {
        tail_.assign(bytes.substr(bytes.size() - kStderrTail));
        return;
    }
    tail_.append(bytes);
    if (tail_.size() > kStderrTail) {
        tail_.erase(0, tail_.size() - kStderrTail);
    }
}

}  // namespace antsrun
