#include "run/feed.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace antsrun {
namespace {

// Fewer turns for each block; where the system does not allow it the usual size does.
constexpr std::size_t kLargestPipe = 1024 * 1024;

bool may_go_on() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

Feed::Feed(UniqueFd pipe, std::shared_ptr<const JobInput> input, ants::Notice& wake)
    : pipe_(std::move(pipe)), input_(std::move(input)), wake_(wake), bytes_(&input_->bytes) {
    ::fcntl(pipe_.get(), F_SETFL, O_WRONLY | O_NONBLOCK);
    const std::size_t first = input_->bytes.size() + input_->length;
    if (first > pipe_size_ || input_->blocks != nullptr) {
        size_pipe(first);
    }
}

// No larger than wanted: what waits in the pipe of a slow job no other can have. A pipe of one page
// is ready for more when all of it has been read.
void Feed::size_pipe(std::size_t wanted) {
    const int size =
        ::fcntl(pipe_.get(), F_SETPIPE_SZ, static_cast<int>(std::min(wanted, kLargestPipe)));
    pipe_size_ = size > 0 ? static_cast<std::size_t>(size) : pipe_size_;
}

Feed::~Feed() {
    if (input_->blocks != nullptr) {
        input_->blocks->leave();
    }
}

short Feed::events() const {
    return input_->blocks == nullptr || !is_written() || !has_room_ ? POLLOUT : 0;
}

bool Feed::refill() {
    while (input_->blocks != nullptr && is_written() && has_room_) {
        auto block = input_->blocks->take(wake_);
        if (!block) {
            return !input_->blocks->has_ended();
        }
        block_ = std::move(*block);
        bytes_ = &block_;
        written_ = 0;
        has_room_ = block_.empty();
        if (block_.size() > pipe_size_ && pipe_size_ < kLargestPipe) {
            size_pipe(block_.size());
        }
    }
    return true;
}

bool Feed::write_some(short revents) {
    if (input_->blocks != nullptr && is_written()) {
        has_room_ = true;
        return (revents & POLLERR) == 0;  // else the job has closed its end
    }
    return is_written() ? write_file() : write_bytes();
}

bool Feed::write_bytes() {
    const ssize_t n = ::write(pipe_.get(), bytes_->data() + written_, bytes_->size() - written_);
    if (n < 0) {
        return may_go_on();  // EPIPE: how it ends says what that means
    }
    written_ += static_cast<std::size_t>(n);
    return !is_written() || input_->length > 0 || input_->blocks != nullptr;
}

// The bytes never come through our memory.
bool Feed::write_file() {
    if (sent_ == input_->length) {
        return false;
    }
    loff_t offset = static_cast<loff_t>(input_->offset + sent_);
    const ssize_t n = ::splice(input_->file->get(), &offset, pipe_.get(), nullptr,
                               input_->length - sent_, SPLICE_F_NONBLOCK);
    if (n < 0) {
        return may_go_on();
    }
    sent_ += static_cast<std::uint64_t>(n);
    return n > 0 && sent_ < input_->length;  // 0: somebody has made the file shorter
}

}  // namespace antsrun
