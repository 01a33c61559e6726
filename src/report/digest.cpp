#include "report/digest.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/quote.hpp"

namespace antsrun {
namespace {

constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

// Enough bytes for kColumns characters of up to four bytes, and to see that there are more.
constexpr std::size_t kLineBytes = 4 * Digest::kColumns + 4;

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

// Safe to print, and at most kColumns characters: "..." stands for the rest.
std::string shown(std::string_view bytes) {
    std::string text = escape_for_terminal(bytes.substr(0, kLineBytes));
    std::size_t columns = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (begins_character(text[i]) && ++columns > Digest::kColumns) {
            text.resize(i);
            return text + "...";
        }
    }
    return text;
}

std::string_view last_lines(std::string_view text, std::size_t most) {
    while (!text.empty() && text.back() == '\n') {
        text.remove_suffix(1);
    }
    std::size_t start = text.size();
    for (std::size_t lines = 0; lines < most; ++lines) {
        const auto newline = start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
        if (newline == std::string_view::npos) {
            return text;
        }
        start = newline;
    }
    return text.substr(start + 1);
}

// As an argument for printf's %b, which every shell has: nothing in it drives a terminal.
std::string backslashed(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\\') {
            text += "\\\\";
        } else if (c == '\n') {
            text += "\\n";
        } else if (byte < 0x20 || byte >= 0x7F) {
            text += fmt::format("\\0{:03o}", byte);
        } else {
            text += c;
        }
    }
    return text;
}

}  // namespace

void Digest::on_finished(const Finished& finished) {
    ++ended_;
    if (finished.outcome.succeeded()) {
        return;
    }
    ++failed_;
    if (entries_.size() == kMostJobs) {
        return;
    }
    const bool can_rerun = finished.job.problem.empty() && finished.command.size() <= kLongestRerun;
    entries_.push_back({.seq = finished.job.seq,
                        .command = std::string(finished.command.substr(0, kLineBytes)),
                        .rerun = can_rerun ? std::string(finished.command) : "",
                        .cause = describe(finished.outcome),
                        .stderr_tail = finished.outcome.stderr_tail});
}

std::string Digest::text(const DigestStyle& style) const {
    if (failed_ == 0) {
        return "";
    }
    std::string text =
        fmt::format("antsrun: {}{} of {} {} failed{}", style.color ? kRed : "", failed_, ended_,
                    ended_ == 1 ? "job" : "jobs", style.color ? kPlain : "");
    text += not_started_ == 0 ? "\n" : fmt::format(", {} not started\n", not_started_);
    for (const Entry& entry : entries_) {
        text += entry_text(entry, style);
    }
    if (failed_ > entries_.size()) {
        text += fmt::format("  ... and {} more\n", failed_ - entries_.size());
    }
    return text + rerun_text(style);
}

std::string Digest::entry_text(const Entry& entry, const DigestStyle& style) const {
    const std::string number = fmt::format("#{}", entry.seq);
    const std::size_t indent = number.size() + 4;
    std::string text =
        fmt::format("  {}  {}\n{:{}}{}{}{}\n", number, shown(entry.command), "", indent,
                    style.color ? kRed : "", shown(entry.cause), style.color ? kPlain : "");
    if (entry.seq == style.just_shown) {
        return text;
    }
    std::string_view rest = last_lines(entry.stderr_tail, kMostLines);
    while (!rest.empty()) {
        const auto newline = std::min(rest.find('\n'), rest.size());
        text += fmt::format("{:{}}| {}\n", "", indent, shown(rest.substr(0, newline)));
        rest.remove_prefix(std::min(newline + 1, rest.size()));
    }
    return text;
}

// %s shows the commands as they are; %b is for those with bytes that cannot be shown.
std::string Digest::rerun_text(const DigestStyle& style) const {
    if (!style.antsrun.empty() && !style.journal.empty()) {
        return fmt::format("antsrun: to run them again:\n  {} --retry-failed --joblog {}\n",
                           style.antsrun, escape_for_terminal(quote(style.journal)));
    }
    bool is_plain = true;
    bool has_newline = false;
    std::size_t left_out = 0;
    for (const Entry& entry : entries_) {
        is_plain = is_plain && escape_for_terminal(entry.rerun) == entry.rerun;
        has_newline = has_newline || entry.rerun.find('\n') != std::string::npos;
        left_out += entry.rerun.empty() ? 1 : 0;
    }
    if (style.antsrun.empty() || left_out == entries_.size()) {
        return "";
    }
    std::string text =
        left_out == 0
            ? "antsrun: to run them again:\n"
            : fmt::format("antsrun: to run them again ({} cannot be given here):\n", left_out);
    text += fmt::format("  printf '{}{}'", is_plain ? "%s" : "%b", has_newline ? "\\0" : "\\n");
    for (const Entry& entry : entries_) {
        if (!entry.rerun.empty()) {
            text += ' ' + quote(is_plain ? entry.rerun : backslashed(entry.rerun));
        }
    }
    return text + fmt::format(" | {}{}\n", style.antsrun, has_newline ? " -0" : "");
}

}  // namespace antsrun
