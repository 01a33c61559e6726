#include "report/job_entry.hpp"

#include <utility>

#include "base/quote.hpp"

namespace antsrun {
namespace {

constexpr std::size_t kMaxMessage = 1024;

bool is_inside_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The tail of a longer text may begin inside a character.
std::string_view without_torn_start(std::string_view tail) {
    const std::size_t most = tail.size() < kStderrTail ? 0 : 3;
    std::size_t torn = 0;
    while (torn < most && torn < tail.size() && is_inside_character(tail[torn])) {
        ++torn;
    }
    return tail.substr(torn);
}

}  // namespace

std::string_view cut(std::string_view bytes, std::size_t max) {
    if (bytes.size() <= max) {
        return bytes;
    }
    std::size_t end = max;
    while (end > 0 && max - end < 3 && is_inside_character(bytes[end])) {
        --end;
    }
    return bytes.substr(0, end);
}

ReportText ReportText::make(std::string_view bytes, std::size_t max) {
    const std::string_view kept = cut(bytes, max);
    ReportText text;
    text.truncated = kept.size() < bytes.size();
    text.escaped = !is_utf8(kept);
    text.utf8 = text.escaped ? to_utf8_escaped(kept) : std::string(kept);
    return text;
}

std::size_t ReportText::json_size() const {
    std::size_t size = 2;
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_control = byte < 0x20 || byte == 0x7F;
        // The second byte of a C1 control, as far as one can tell from the byte alone.
        const bool may_be_control = byte >= 0x80 && byte < 0xA0;
        size += is_control ? 6 : may_be_control ? 5 : byte == '"' || byte == '\\' ? 2 : 1;
    }
    return size;
}

JobEntry JobEntry::make(const Finished& finished, std::size_t max_command) {
    JobEntry job;
    job.seq = finished.job.seq;
    job.slot = finished.slot;
    job.attempts = finished.job.attempt;
    job.command = ReportText::make(finished.command, max_command);
    job.message = ReportText::make(describe(finished.outcome), kMaxMessage);
    job.outcome = finished.outcome;
    const std::string tail = std::exchange(job.outcome.stderr_tail, {});
    job.stderr_tail = ReportText::make(without_torn_start(tail), kStderrTail);
    for (const Attempt& attempt : finished.earlier) {
        EarlierEntry entry{attempt.slot, ReportText::make(describe(attempt.outcome), kMaxMessage),
                           attempt.outcome};
        entry.outcome.stderr_tail.clear();
        job.earlier.push_back(std::move(entry));
    }
    return job;
}

}  // namespace antsrun
