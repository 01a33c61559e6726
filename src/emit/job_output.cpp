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
                     SpoolBudget& budget, Inbox& inbox)
    : seq_(seq),
      config_(config),
      control_(std::move(control)),
      budget_(budget),
      inbox_(inbox),
      out_(budget),
      err_(budget) {}

void JobOutput::begin(std::string_view command) {
    if (!config_.print_out && !config_.print_err) {
        return;
    }
    const std::string line = std::string(command) + '\n';
    for (const auto& [wanted, stream] :
         {std::pair{config_.print_out, Stream::out}, std::pair{config_.print_err, Stream::err}}) {
        if (wanted) {
            held(stream).append(line);
            if (config_.pass_through) {
                post(stream, std::exchange(held(stream), Spool(budget_)));
            }
        }
    }
}

bool JobOutput::is_ready() {
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
    if (handed_over_ && config_.whole_lines) {
        post_lines(stream, bytes);
        return;
    }
    const bool kept = held(stream).append(bytes);
    if (handed_over_) {
        post(stream, std::exchange(held(stream), Spool(budget_)));
    } else if (!kept && !is_full_) {
        is_full_ = true;
        inbox_.post({seq_, std::nullopt});
    }
}

int JobOutput::passed_through(Stream stream) const {
    if (!config_.pass_through) {
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
    std::vector<Piece> pieces;
    for (const Stream stream : {Stream::out, Stream::err}) {
        if (!held(stream).is_empty()) {
            pieces.push_back({stream, std::exchange(held(stream), Spool(budget_)), nullptr});
        }
    }
    return pieces;
}

void JobOutput::hand_over() {
    handed_over_ = true;
    for (Piece& piece : take_held()) {
        post(piece.stream, std::move(piece.spool));
    }
}

void JobOutput::post(Stream stream, Spool spool) {
    credit_.fetch_sub(static_cast<std::int64_t>(spool.size()));
    inbox_.post({seq_, Piece{stream, std::move(spool), shared_from_this()}});
}

// Post up to the last newline; the rest of the line waits for its end.
void JobOutput::post_lines(Stream stream, std::string_view bytes) {
    const auto newline = bytes.rfind('\n');
    if (newline != std::string_view::npos) {
        held(stream).append(bytes.substr(0, newline + 1));
        post(stream, std::exchange(held(stream), Spool(budget_)));
        bytes.remove_prefix(newline + 1);
    }
    if (!bytes.empty()) {
        held(stream).append(bytes);
    }
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
