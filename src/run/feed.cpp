#include "run/feed.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace antsrun {
namespace {

// Fewer turns for each block; where the system does not allow it the usual size does.
constexpr int kPipeSize = 1024 * 1024;

bool may_go_on() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

Feed::Feed(UniqueFd pipe, std::shared_ptr<const JobInput> input)
    : pipe_(std::move(pipe)), input_(std::move(input)) {
    ::fcntl(pipe_.get(), F_SETFL, O_WRONLY | O_NONBLOCK);
    if (input_->bytes.size() + input_->length > 64 * 1024) {
        ::fcntl(pipe_.get(), F_SETPIPE_SZ, kPipeSize);
    }
}

bool Feed::write_some() { return written_ < input_->bytes.size() ? write_bytes() : write_file(); }

bool Feed::write_bytes() {
    const ssize_t n =
        ::write(pipe_.get(), input_->bytes.data() + written_, input_->bytes.size() - written_);
    if (n < 0) {
        return may_go_on();  // EPIPE: how it ends says what that means
    }
    written_ += static_cast<std::size_t>(n);
    return written_ < input_->bytes.size() || input_->length > 0;
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
