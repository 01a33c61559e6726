#include "read/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "ants/wait.hpp"

namespace antsrun {
namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr long kPipeFileSystem = 0x50495045;  // PIPEFS_MAGIC

// Opened anew, an anonymous pipe still reports its end. A named one does not if its writer has left
// already, so that one is read as it is.
UniqueFd reopen_pipe(int fd) {
    struct statfs system {};
    if (::fstatfs(fd, &system) != 0 || system.f_type != kPipeFileSystem) {
        return {};
    }
    const auto path = fmt::format("/proc/self/fd/{}", fd);
    return UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

}  // namespace

Result<Input> Input::open(const std::string& name) {
    Input input;
    input.name_ = name == "-" ? "standard input" : fmt::format("'{}'", name);
    if (name != "-") {
        // Non-blocking, so that a fifo without a writer does not hold us up here.
        input.own_ = UniqueFd(::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        if (!input.own_) {
            return last_error(fmt::format("cannot open {}", input.name_));
        }
        input.fd_ = input.own_.get();
    }
    struct stat status {};
    if (::fstat(input.fd_, &status) != 0) {
        return last_error(fmt::format("cannot read {}", input.name_));
    }
    if (S_ISDIR(status.st_mode)) {
        return Error{fmt::format("cannot read {}", input.name_), EISDIR};
    }
    if (S_ISREG(status.st_mode)) {
        input.wait_ = Wait::never;
    } else if (S_ISFIFO(status.st_mode) && input.own_) {
        input.wait_ = Wait::first;  // before there is a writer, a read would say "end"
    } else if (S_ISFIFO(status.st_mode)) {
        input.own_ = reopen_pipe(input.fd_);
        if (input.own_) {
            input.fd_ = input.own_.get();
            input.wait_ = Wait::never;
        }
    }
    return input;
}

ants::Task<std::int64_t> Input::read(std::string& buffer) {
    bool is_known_ready = wait_ == Wait::never;
    for (;;) {
        if (!is_known_ready) {
            ::pollfd waiting{fd_, POLLIN, 0};
            co_await ants::poll({&waiting, 1});
        }
        const std::int64_t n = read_now(buffer);
        if (n != -EAGAIN) {
            if (wait_ == Wait::first) {
                wait_ = Wait::never;
            }
            co_return n;
        }
        is_known_ready = false;
    }
}

std::int64_t Input::read_now(std::string& buffer) const {
    const std::size_t before = buffer.size();
    buffer.resize(before + kBlock);
    ssize_t n = 0;
    do {
        n = ::read(fd_, buffer.data() + before, kBlock);
    } while (n < 0 && errno == EINTR);
    const std::int64_t result = n < 0 ? -errno : n;
    buffer.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return result;
}

Result<std::unique_ptr<Source>> Source::open(SourceConfig config) {
    if (config.files.empty()) {
        config.files.push_back("-");
    }
    std::vector<Input> inputs;
    for (const std::string& file : config.files) {
        auto input = Input::open(file);
        if (!input) {
            return input.error();
        }
        inputs.push_back(std::move(*input));
    }
    return std::unique_ptr<Source>(new Source(std::move(config), std::move(inputs)));
}

Source::Source(SourceConfig config, std::vector<Input> inputs)
    : config_(std::move(config)), inputs_(std::move(inputs)) {}

ants::Task<std::optional<Record>> Source::next() {
    Record record;
    while (input_ < inputs_.size()) {
        if (cut(record)) {
            co_return record;
        }
        drop_excess();
        const std::int64_t n = co_await inputs_[input_].read(buffer_);
        if (n > 0) {
            continue;
        }
        if (n < 0) {
            error_ =
                Error{fmt::format("cannot read {}", inputs_[input_].name()), static_cast<int>(-n)}
                    .message();
            input_ = inputs_.size();  // half a record is none
            break;
        }
        const bool has_rest = cut_rest(record);
        ++input_;
        number_ = 0;
        if (has_rest) {
            co_return record;
        }
    }
    co_return std::nullopt;
}

// Take the next complete record out of the buffer.
bool Source::cut(Record& record) {
    const std::string& delimiter = config_.delimiter;
    const std::size_t end = buffer_.find(delimiter, scanned_);
    if (end == std::string::npos) {
        // The buffer may end within a delimiter.
        const std::size_t tail = delimiter.size() - 1;
        scanned_ = std::max(begin_, buffer_.size() > tail ? buffer_.size() - tail : 0);
        return false;
    }
    record = make_record(buffer_.substr(begin_, end - begin_));
    begin_ = scanned_ = end + delimiter.size();
    return true;
}

// At the end of an input: what is left is the last record.
bool Source::cut_rest(Record& record) {
    const bool has_rest = begin_ < buffer_.size();
    if (has_rest) {
        record = make_record(buffer_.substr(begin_));
    }
    buffer_.clear();
    begin_ = scanned_ = 0;
    return has_rest;
}

// Before more is read: forget what was given out, and of a record that is too long all but its
// beginning.
void Source::drop_excess() {
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    if (scanned_ > kLongest) {
        is_too_long_ = true;
        buffer_.erase(kLongest, scanned_ - kLongest);
        scanned_ = kLongest;
    }
}

Record Source::make_record(std::string text) {
    ++number_;
    Record record;
    if (std::exchange(is_too_long_, false) || text.size() > kLongest) {
        text.resize(std::min<std::size_t>(text.size(), 4096));
        record.problem = fmt::format("{}: longer than 1 MiB", place());
    } else if (config_.delimiter == "\n" && text.ends_with('\r') &&
               !config_.keeps_carriage_return) {
        text.pop_back();
        if (!std::exchange(told_carriage_return_, true) && config_.on_carriage_return) {
            config_.on_carriage_return();
        }
    }
    if (record.problem.empty() && text.find('\0') != std::string::npos) {
        record.problem =
            fmt::format("{}: contains a NUL byte (use -0 if NUL ends each command)", place());
    }
    record.fields.push_back(std::move(text));
    return record;
}

std::string Source::place() const {
    return fmt::format("{} {} of {}", config_.delimiter == "\n" ? "line" : "item", number_,
                       inputs_[input_].name());
}

}  // namespace antsrun
