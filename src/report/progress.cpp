#include "report/progress.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace antsrun {
namespace {

constexpr int kShortestBar = 10;  // with its brackets
constexpr int kLongestBar = 42;

// "9s", "1m05s", "2h03m", "4d05h": two units are enough.
std::string duration_text(double seconds) {
    constexpr double kMost = 1000.0 * 86400;
    const auto all = static_cast<std::uint64_t>(std::ceil(std::min(seconds, kMost)));
    struct Unit {
        std::uint64_t seconds;
        char name;
        std::uint64_t next_seconds;
        char next_name;
    };
    for (const Unit& unit :
         {Unit{86400, 'd', 3600, 'h'}, {3600, 'h', 60, 'm'}, {60, 'm', 1, 's'}}) {
        if (all >= unit.seconds) {
            return fmt::format("{}{}{:02}{}", all / unit.seconds, unit.name,
                               all % unit.seconds / unit.next_seconds, unit.next_name);
        }
    }
    return fmt::format("{}s", all);
}

std::string counts_text(const ProgressFigures& figures) {
    const std::string of = figures.total ? fmt::format("/{}", *figures.total) : "";
    return fmt::format("antsrun: {}{} done, {} running, {} failed", figures.done, of,
                       figures.running, figures.failed);
}

// What may be left out, the most important first: the rate, the time that is left.
std::vector<std::string> details(const ProgressFigures& figures) {
    std::vector<std::string> texts;
    if (figures.done == 0 || figures.seconds <= 0) {
        return texts;
    }
    const double rate = static_cast<double>(figures.done) / figures.seconds;
    texts.push_back(rate < 9.95 ? fmt::format(", {:.1f}/s", rate)
                                : fmt::format(", {:.0f}/s", rate));
    if (figures.total && *figures.total > figures.done) {
        const auto left = static_cast<double>(*figures.total - figures.done);
        texts.push_back(fmt::format(", ETA {}", duration_text(left / rate)));
    }
    return texts;
}

// "[===>   ]", `length` columns in all.
std::string bar(const ProgressFigures& figures, int length) {
    const auto inside = static_cast<std::uint64_t>(length - 2);
    const std::uint64_t filled = inside * figures.done / *figures.total;
    std::string text = "[" + std::string(filled, '=');
    if (filled < inside) {
        text += '>' + std::string(inside - filled - 1, ' ');
    }
    return text += ']';
}

}  // namespace

std::string progress_text(const ProgressFigures& figures) {
    std::string text = counts_text(figures);
    for (const std::string& detail : details(figures)) {
        text += detail;
    }
    return text;
}

std::string progress_line(const ProgressFigures& figures, int columns) {
    // A character in the last column would make some terminals begin a new line.
    const int width = std::max(columns - 1, 0);
    std::string line = counts_text(figures).substr(0, static_cast<std::size_t>(width));
    const auto room = [&] { return width - static_cast<int>(line.size()); };
    for (const std::string& detail : details(figures)) {
        if (static_cast<int>(detail.size()) <= room()) {
            line += detail;
        }
    }
    if (!figures.total || *figures.total == 0) {
        return line;
    }
    const std::string percent = fmt::format(" {}%", figures.done * 100 / *figures.total);
    const int length = std::min(room() - 1 - static_cast<int>(percent.size()), kLongestBar);
    if (length >= kShortestBar) {
        line += ' ' + bar(figures, length) + percent;
    } else if (static_cast<int>(percent.size()) <= room()) {
        line += percent;
    }
    return line;
}

void Progress::on_finished(const Finished& finished) {
    ++done_;
    failed_ += finished.outcome.succeeded() ? 0 : 1;
}

ProgressFigures Progress::figures(double seconds) const {
    ProgressFigures figures;
    figures.done = done_;
    figures.failed = failed_;
    // One job is read ahead and waits for its turn.
    figures.running = std::min(read_ - done_ - not_started_, static_cast<std::uint64_t>(slots_));
    figures.total = input_ended_ ? std::optional(read_) : std::nullopt;
    figures.seconds = seconds;
    return figures;
}

}  // namespace antsrun
