#include "report/journal_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/journal_format.hpp"

namespace antsrun {
namespace {

constexpr std::size_t kChunk = 256 * 1024;
// No command line is near this. Something that is no log may be one line of many gigabytes.
constexpr std::size_t kLongestLine = 64 * 1024 * 1024;
static_assert(kLongestLine < std::numeric_limits<std::uint32_t>::max());

std::uint64_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }

// pread(2), retried on EINTR.
ssize_t read_at(int file, char* buffer, std::size_t size, std::uint64_t offset) {
    for (;;) {
        const ssize_t n = ::pread(file, buffer, size, static_cast<off_t>(offset));
        if (n >= 0 || errno != EINTR) {
            return n;
        }
    }
}

// The whole lines of a file, one after the other.
class Lines {
public:
    explicit Lines(int file) : file_(file) {}

    // The next line, without its newline; valid until the next call. None at the end, if one is
    // too long, or on an error.
    std::optional<std::string_view> next() {
        std::size_t searched = 0;
        for (;;) {
            const auto end = buffer_.find('\n', start_ + searched);
            if (end != std::string::npos) {
                const auto line = std::string_view(buffer_).substr(start_, end - start_);
                start_ = end + 1;
                ++count_;
                return line;
            }
            searched = rest().size();
            if (is_too_long() || !fill()) {
                return {};
            }
        }
    }

    // What follows the line last returned, as far as it has been read.
    std::string_view rest() const { return std::string_view(buffer_).substr(start_); }
    // Where that begins in the file.
    std::uint64_t offset() const { return read_ - rest().size(); }
    std::size_t count() const { return count_; }
    bool is_too_long() const { return rest().size() > kLongestLine; }
    int error() const { return error_; }

private:
    bool fill() {
        buffer_.erase(0, start_);
        start_ = 0;
        const std::size_t old_size = buffer_.size();
        buffer_.resize(old_size + kChunk);
        const ssize_t n = read_at(file_, buffer_.data() + old_size, kChunk, read_);
        error_ = n < 0 ? errno : 0;
        const std::size_t taken = n < 0 ? 0 : static_cast<std::size_t>(n);
        buffer_.resize(old_size + taken);
        read_ += taken;
        return taken > 0;
    }

    const int file_;
    std::string buffer_;
    std::size_t start_ = 0;   // of the rest, in the buffer
    std::uint64_t read_ = 0;  // bytes of the file
    std::size_t count_ = 0;   // of lines
    int error_ = 0;
};

bool is_header(std::string_view line) {
    return line == kJournalHeader.substr(0, kJournalHeader.size() - 1);
}

Error not_a_log(const std::string& name, std::size_t line) {
    return Error{
        fmt::format("--joblog '{}': line {} is not one of a job log; name another file, or "
                    "start anew without --resume",
                    name, line),
        0};
}

// What follows the last whole line was begun and not finished, unless it can be no such beginning:
// nothing is to be cut off a file that is something else.
bool is_torn_line(const Lines& lines) {
    return !lines.is_too_long() && (lines.count() > 0 || kJournalHeader.starts_with(lines.rest()));
}

}  // namespace

JournalRecords::Found JournalRecords::find(std::uint64_t seq, std::string_view command) const {
    const auto at = std::lower_bound(records_.begin(), records_.end(), seq,
                                     [](const Record& r, std::uint64_t s) { return r.seq < s; });
    if (at == records_.end() || at->seq != seq) {
        return {};
    }
    const bool is_same = at->command_hash == hash(as_antsrun_writes(command)) ||
                         at->command_hash == hash(as_gnu_parallel_writes(command));
    return {is_same ? Match::same_command : Match::other_command, at->failed};
}

Result<std::optional<JournalRecords::Failed>> JournalRecords::failed_after(
    std::uint64_t seq) const {
    auto at = std::upper_bound(records_.begin(), records_.end(), seq,
                               [](std::uint64_t s, const Record& r) { return s < r.seq; });
    at = std::find_if(at, records_.end(), [](const Record& r) { return r.failed; });
    if (at == records_.end()) {
        return std::optional<Failed>{};
    }
    std::string text(at->size, '\0');
    std::size_t taken = 0;
    while (taken < text.size()) {
        const ssize_t n =
            read_at(file_.get(), text.data() + taken, text.size() - taken, at->offset + taken);
        if (n <= 0) {
            return Error{fmt::format("--joblog '{}': read", name_), n == 0 ? EIO : errno};
        }
        taken += static_cast<std::size_t>(n);
    }
    return std::optional(Failed{at->seq, original_command(text)});
}

// Later records of a number stand after earlier ones, and a stable sort leaves them so.
void JournalRecords::keep_the_last() {
    const auto by_seq = [](const Record& a, const Record& b) { return a.seq < b.seq; };
    std::stable_sort(records_.begin(), records_.end(), by_seq);
    const auto same_seq = [](const Record& a, const Record& b) { return a.seq == b.seq; };
    // Backwards, as unique() keeps the first of equals.
    const auto kept = std::unique(records_.rbegin(), records_.rend(), same_seq);
    records_.erase(records_.begin(), kept.base());
}

Result<JournalRecords> read_journal(int file, const std::string& name) {
    JournalRecords records;
    Lines lines(file);
    while (const auto line = lines.next()) {
        if (lines.count() == 1 && is_header(*line)) {
            continue;
        }
        const auto entry = parse_journal_line(*line);
        if (!entry) {
            return not_a_log(name, lines.count());
        }
        const auto size = entry->command.size();
        records.records_.push_back({entry->seq, hash(entry->command), lines.offset() - 1 - size,
                                    static_cast<std::uint32_t>(size), entry->failed});
    }
    if (lines.error() != 0) {
        return Error{fmt::format("--joblog '{}': read", name), lines.error()};
    }
    records.whole_bytes_ = lines.offset();
    records.torn_bytes_ = lines.rest().size();
    if (records.torn_bytes_ > 0 && !is_torn_line(lines)) {
        return not_a_log(name, lines.count() + 1);
    }
    records.keep_the_last();
    records.file_ = UniqueFd(::fcntl(file, F_DUPFD_CLOEXEC, 3));
    if (!records.file_) {
        return last_error(fmt::format("--joblog '{}'", name));
    }
    records.name_ = name;
    return records;
}

Result<JournalRecords> read_journal(const std::string& path) {
    // A fifo is not to be waited for.
    const auto file = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file) {
        return file.error().code == ENOENT
                   ? Result<JournalRecords>(JournalRecords{})
                   : Error{fmt::format("--joblog '{}'", path), file.error().code};
    }
    struct stat status {};
    if (::fstat(file->get(), &status) != 0) {
        return last_error(fmt::format("--joblog '{}'", path));
    }
    if (S_ISDIR(status.st_mode)) {
        return Error{fmt::format("--joblog '{}'", path), EISDIR};
    }
    return S_ISREG(status.st_mode) ? read_journal(file->get(), path) : JournalRecords{};
}

}  // namespace antsrun
