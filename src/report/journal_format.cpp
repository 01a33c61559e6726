#include "report/journal_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <utility>

#include <fmt/format.h>

namespace antsrun {
namespace {

// How antsrun writes what would break a line or a column, and the backslash itself.
struct Escape {
    char meant;
    char written;  // after a backslash
};
constexpr std::array kEscapes{Escape{'\n', 'n'}, Escape{'\t', 't'}, Escape{'\\', '\\'},
                              Escape{'\0', '0'}};
constexpr std::string_view kEscaped("\n\t\\\0", 4);

// Exitval and Signal.
std::pair<int, int> ending_of(const Outcome& outcome) {
    const std::pair ending{outcome.status(), outcome.signal()};
    const bool looks_like_success = ending == std::pair{0, 0} && !outcome.succeeded();
    if (outcome.cause() == Cause::timeout || looks_like_success) {
        return {-1, SIGTERM};
    }
    return ending;
}

std::uint64_t bytes_on_stdin(const Job& job) {
    if (!job.input) {
        return 0;
    }
    const std::uint64_t dealt = job.input->blocks ? job.input->blocks->bytes_taken() : 0;
    return job.input->bytes.size() + job.input->length + dealt;
}

double seconds_since_1970(std::chrono::system_clock::time_point time) {
    return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// "17", "-1", "1360490623.067", with spaces before it.
bool is_number(std::string_view column) {
    column.remove_prefix(std::min(column.find_first_not_of(' '), column.size()));
    return !column.empty() && column.find_first_not_of("-.0123456789") == std::string_view::npos;
}

// What stands before the next tab. `line` then begins after it; it becomes null if there is none.
std::string_view take_column(std::string_view& line) {
    const auto tab = line.find('\t');
    const auto column = line.substr(0, tab);
    line = tab == std::string_view::npos ? std::string_view{} : line.substr(tab + 1);
    return column;
}

std::uint64_t parse_seq(std::string_view column) {
    std::uint64_t seq = 0;
    const char* const end = column.data() + column.size();
    const auto [stop, error] = std::from_chars(column.data(), end, seq);
    return error == std::errc{} && stop == end ? seq : 0;
}

// None if antsrun cannot have written this.
std::optional<std::string> unescape(std::string_view text) {
    if (text.find_first_of(std::string_view("\t\0", 2)) != std::string_view::npos) {
        return {};
    }
    std::string command;
    while (!text.empty()) {
        const auto plain = std::min(text.find('\\'), text.size());
        command += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) {
            break;
        }
        const auto* escape = std::find_if(kEscapes.begin(), kEscapes.end(), [&](Escape e) {
            return text.size() > 1 && text[1] == e.written;
        });
        if (escape == kEscapes.end()) {
            return {};
        }
        command += escape->meant;
        text.remove_prefix(2);
    }
    return command;
}

}  // namespace

std::string journal_line(const Finished& finished) {
    const Outcome& outcome = finished.outcome;
    const auto [exit_value, signal] = ending_of(outcome);
    return fmt::format("{}\t:\t{:.3f}\t{:10.3f}\t{}\t{}\t{}\t{}\t{}\n", finished.job.seq,
                       seconds_since_1970(outcome.started), outcome.seconds,
                       bytes_on_stdin(finished.job), outcome.stdout_bytes, exit_value, signal,
                       as_antsrun_writes(finished.command));
}

std::optional<JournalEntry> parse_journal_line(std::string_view line) {
    JournalEntry entry;
    entry.seq = parse_seq(take_column(line));
    const auto host = take_column(line);
    std::array<std::string_view, 6> numbers;
    std::generate(numbers.begin(), numbers.end(), [&] { return take_column(line); });
    const bool has_command_column = line.data() != nullptr;
    if (entry.seq == 0 || host.empty() || !has_command_column ||
        !std::all_of(numbers.begin(), numbers.end(), is_number)) {
        return {};
    }
    entry.failed = numbers[4] != "0" || numbers[5] != "0";
    entry.command = line;
    return entry;
}

std::string as_antsrun_writes(std::string_view command) {
    std::string text;
    text.reserve(command.size());
    while (!command.empty()) {
        const auto plain = std::min(command.find_first_of(kEscaped), command.size());
        text += command.substr(0, plain);
        command.remove_prefix(plain);
        if (!command.empty()) {
            text += '\\';
            text += std::find_if(kEscapes.begin(), kEscapes.end(), [&](Escape e) {
                        return e.meant == command.front();
                    })->written;
            command.remove_prefix(1);
        }
    }
    return text;
}

std::string as_gnu_parallel_writes(std::string_view command) {
    std::string text(command);
    std::replace(text.begin(), text.end(), '\n', '\0');
    return text;
}

std::string original_command(std::string_view text) {
    if (auto command = unescape(text)) {
        return *std::move(command);
    }
    std::string command(text);
    std::replace(command.begin(), command.end(), '\0', '\n');
    return command;
}

}  // namespace antsrun
