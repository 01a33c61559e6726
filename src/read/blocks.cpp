#include "read/blocks.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "ants/carrier.hpp"

namespace antsrun {
namespace {

// Behind so many newlines; npos if there are fewer.
std::size_t end_of_lines(std::string_view text, std::uint64_t count) {
    std::size_t end = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto newline = text.find('\n', end);
        if (newline == std::string_view::npos) {
            return newline;
        }
        end = newline + 1;
    }
    return end;
}

}  // namespace

Result<RecordEnds> RecordEnds::make(const BlocksConfig& config) {
    RecordEnds ends(config.record_end, config.record_start);
    if (config.are_patterns) {
        auto pattern = RecordPattern::parse(config.record_end, config.record_start);
        if (!pattern) {
            return pattern.error();
        }
        ends.pattern_ = std::move(*pattern);
    }
    return ends;
}

std::size_t RecordEnds::last(std::string_view text, std::size_t limit, bool is_all) const {
    if (is_all && limit >= text.size()) {
        return text.size();
    }
    if (pattern_) {
        return pattern_->last(text, limit, is_all);
    }
    const std::string between = end_ + start_;
    // The end counts within the limit, the start behind it only has to be there.
    std::size_t from = limit >= end_.size() ? limit - end_.size() : 0;
    for (;;) {
        const auto at = text.rfind(between, from);
        if (at == std::string_view::npos || at + end_.size() == 0) {
            return 0;
        }
        if (at + end_.size() <= limit) {
            return at + end_.size();
        }
        if (at == 0) {
            return 0;
        }
        from = at - 1;
    }
}

std::size_t RecordEnds::first(std::string_view text, std::size_t from, bool is_all) const {
    if (pattern_) {
        return pattern_->first(text, from, is_all);
    }
    // One that ends exactly at `from` does not count.
    const std::size_t begin = from >= end_.size() ? from - end_.size() + 1 : 0;
    const auto at = text.find(end_ + start_, begin);
    return at == std::string_view::npos ? at : at + end_.size();
}

std::size_t RecordEnds::searched(std::string_view text) const {
    // What is there of a match may be all but its last byte, and with a pattern all of it.
    return text.size() - std::min(size() + 1, text.size());
}

std::string RecordEnds::without(std::string_view text) const {
    if (pattern_) {
        return pattern_->without(text);
    }
    std::string result;
    if (text.starts_with(start_)) {
        text.remove_prefix(start_.size());
    }
    const std::string between = end_ + start_;
    for (auto at = text.find(between); at != std::string_view::npos; at = text.find(between)) {
        result += text.substr(0, at);
        text.remove_prefix(at + between.size());
    }
    if (text.ends_with(end_)) {
        text.remove_suffix(end_.size());
    }
    return result += text;
}

// ---- --pipe

Result<std::unique_ptr<PipeBlocks>> PipeBlocks::open(BlocksConfig config, int slots) {
    auto ends = RecordEnds::make(config);
    if (!ends) {
        return ends.error();
    }
    auto input = Input::open("-");
    if (!input) {
        return input.error();
    }
    return std::unique_ptr<PipeBlocks>(
        new PipeBlocks(std::move(config), std::move(*ends), std::move(*input), slots));
}

PipeBlocks::PipeBlocks(BlocksConfig config, RecordEnds ends, Input input, int slots)
    : config_(std::move(config)),
      ends_(std::move(ends)),
      slots_(static_cast<std::uint64_t>(slots)),
      input_(std::move(input)),
      queue_(slots_) {}

ants::Task<std::optional<Job>> PipeBlocks::next() {
    return config_.round_robin ? next_dealt() : next_own();
}

ants::Task<std::optional<Job>> PipeBlocks::next_own() {
    auto block = co_await next_block();
    if (!block) {
        co_return std::nullopt;
    }
    co_return make_job(std::move(*block));
}

ants::Task<std::optional<Job>> PipeBlocks::next_dealt() {
    if (!std::exchange(is_dealing_, true)) {
        ants::Carrier::current()->spawn(deal_out());
    }
    while (made_.empty() && !are_all_made_) {
        co_await ants::poll({}, ants::kNever, &news_);
        news_.take();
    }
    if (made_.empty()) {
        co_return std::nullopt;
    }
    Job job = std::move(made_.front());
    made_.pop_front();
    co_return job;
}

// One block for each job first, then all others to whoever takes them.
ants::Task<> PipeBlocks::deal_out() {
    for (;;) {
        if (are_all_made_) {
            const bool has_takers = co_await queue_.room();
            if (!has_takers) {
                break;
            }
        }
        auto block = co_await next_block();
        if (!block) {
            break;
        }
        if (are_all_made_) {
            queue_.put(std::move(*block));
        } else {
            made_.push_back(make_job(std::move(*block)));
            are_all_made_ = last_seq_ == slots_;
            news_.set();
        }
    }
    queue_.end();
    are_all_made_ = true;
    news_.set();
}

ants::Task<std::optional<std::string>> PipeBlocks::next_block() {
    if (!std::exchange(has_header_, true)) {
        co_await read_header();
    }
    std::size_t cut = 0;
    while ((cut = find_cut()) == 0) {
        const bool has_more = co_await read_more();
        if (!has_more) {
            break;
        }
    }
    cut = has_ended_ && cut == 0 ? buffer_.size() : cut;
    if (cut == 0) {
        co_return std::nullopt;
    }
    co_return cut_off(cut);
}

// False at the end.
ants::Task<bool> PipeBlocks::read_more() {
    if (has_ended_) {
        co_return false;
    }
    const std::int64_t n = co_await input_.read(buffer_);
    if (n < 0) {
        error_ =
            Error{fmt::format("cannot read {}", input_.name()), static_cast<int>(-n)}.message();
    }
    has_ended_ = n <= 0;
    co_return true;  // what is there may be cut otherwise now
}

ants::Task<> PipeBlocks::read_header() {
    std::size_t end = 0;
    while ((end = end_of_lines(buffer_, config_.header_lines)) == std::string::npos) {
        const bool has_more = co_await read_more();
        if (!has_more) {
            end = buffer_.size();
            break;
        }
    }
    header_ = buffer_.substr(0, end);
    buffer_.erase(0, end);
}

// Where the next block ends; 0: more must be read first.
std::size_t PipeBlocks::find_cut() {
    if (config_.most_records != 0) {
        while (seen_.records < config_.most_records && find_end(seen_.end)) {
            ++seen_.records;
        }
        return seen_.records == config_.most_records ? seen_.end : 0;
    }
    if (!has_ended_ && buffer_.size() < config_.block_size + ends_.size()) {
        return 0;
    }
    if (seen_.up_to <= config_.block_size) {
        const std::size_t last = ends_.last(buffer_, config_.block_size, has_ended_);
        if (last != 0) {
            return last;
        }
    }
    return find_end(config_.block_size) ? seen_.end : 0;
}

// Is there an end of a record behind `from`? What has been searched is not searched again, or a
// long record would take the square of its length.
bool PipeBlocks::find_end(std::size_t from) {
    const std::size_t end = ends_.first(buffer_, std::max(from, seen_.up_to), has_ended_);
    if (end == std::string::npos) {
        seen_.up_to = std::max(seen_.up_to, ends_.searched(buffer_));
        return false;
    }
    seen_.end = end;
    return true;
}

std::string PipeBlocks::cut_off(std::size_t length) {
    seen_ = {};
    std::string rest = buffer_.substr(length);
    buffer_.resize(length);
    std::string block = std::exchange(buffer_, std::move(rest));
    return config_.removes_separators ? ends_.without(block) : block;
}

Job PipeBlocks::make_job(std::string block) {
    auto input = std::make_shared<JobInput>();
    input->bytes = header_.empty() ? std::move(block) : header_ + block;
    if (config_.round_robin) {
        input->blocks = std::make_shared<BlockQueue::Taker>(queue_);
    }
    Job job;
    job.seq = ++last_seq_;
    job.input = std::move(input);
    return job;
}

// ---- --pipepart

Result<std::unique_ptr<FileParts>> FileParts::open(BlocksConfig config, int slots) {
    const auto what = fmt::format("cannot read parts of '{}'", config.file);
    UniqueFd file(::open(config.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return last_error(what);
    }
    if (!S_ISREG(status.st_mode)) {
        return Error{what + ": it is not a regular file (use --pipe <FILE)", 0};
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (config.blocks_per_slot != 0) {
        const std::uint64_t parts = config.blocks_per_slot * static_cast<std::uint64_t>(slots);
        config.block_size = std::max<std::uint64_t>((size + parts - 1) / parts, 1);
    }
    auto ends = RecordEnds::make(config);
    if (!ends) {
        return ends.error();
    }
    std::unique_ptr<FileParts> parts(
        new FileParts(std::move(config), std::move(*ends), std::move(file), size));
    if (!parts->read_header()) {
        return Error{parts->error_, 0};
    }
    return parts;
}

FileParts::FileParts(BlocksConfig config, RecordEnds ends, UniqueFd file, std::uint64_t size)
    : config_(std::move(config)),
      ends_(std::move(ends)),
      file_(std::make_shared<const UniqueFd>(std::move(file))),
      size_(size) {}

ants::Task<std::optional<Job>> FileParts::next() {
    if (next_ >= size_ || !error_.empty()) {
        co_return std::nullopt;
    }
    const std::uint64_t target = next_ + config_.block_size;
    const std::uint64_t end = target >= size_ ? size_ : end_of_record(target);
    if (!error_.empty()) {
        co_return std::nullopt;
    }
    auto input = std::make_shared<JobInput>();
    input->bytes = header_;
    input->file = file_;
    input->offset = std::exchange(next_, end);
    input->length = end - input->offset;
    Job job;
    job.seq = ++last_seq_;
    job.input = std::move(input);
    co_return job;
}

// Appends what is at `offset` to the window. False at the end, or with error_ set.
bool FileParts::read_at(std::uint64_t offset, std::string& window) {
    constexpr std::size_t kWindow = 64 * 1024;
    const std::size_t before = window.size();
    window.resize(before + kWindow);
    const ssize_t n =
        ::pread(file_->get(), window.data() + before, kWindow, static_cast<off_t>(offset));
    window.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0) {
        error_ = last_error(fmt::format("cannot read '{}'", config_.file)).message();
    }
    return n > 0;
}

bool FileParts::read_header() {
    std::size_t end = 0;
    while ((end = end_of_lines(header_, config_.header_lines)) == std::string::npos) {
        if (!read_at(header_.size(), header_)) {
            end = header_.size();
            break;
        }
    }
    header_.resize(end);
    next_ = end;
    return error_.empty();
}

// The end of the record in which the byte before `from` is.
std::uint64_t FileParts::end_of_record(std::uint64_t from) {
    const std::uint64_t back = std::min<std::uint64_t>(from - next_, ends_.size());
    const std::uint64_t begin = from - back;
    std::size_t behind = back == 0 ? 0 : static_cast<std::size_t>(back) - 1;
    std::string window;
    while (read_at(begin + window.size(), window)) {
        const auto end = ends_.first(window, behind, begin + window.size() >= size_);
        if (end != std::string::npos) {
            return begin + end;
        }
        behind = std::max(behind, ends_.searched(window));
    }
    return size_;
}

}  // namespace antsrun
