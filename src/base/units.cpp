#include "base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

namespace antsrun {
namespace {

struct Unit {
    std::string_view name;
    double factor;
};

// Largest first: the order in which they may follow each other.
constexpr std::array<Unit, 5> kTimes{
    {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"ms", 0.001}}};

constexpr std::array<Unit, 8> kSizes{{{"K", 1024.0},
                                      {"M", 1048576.0},
                                      {"G", 1073741824.0},
                                      {"T", 1099511627776.0},
                                      {"k", 1e3},
                                      {"m", 1e6},
                                      {"g", 1e9},
                                      {"t", 1e12}}};

constexpr double kLongest = 100.0 * 365 * 86400;

// Every whole number up to here is exact in a double.
constexpr double kLargest = 9007199254740992.0;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Take a number such as "10", "1.5" or ".5" off the front of `text`.
std::optional<double> take_number(std::string_view& text) {
    // from_chars would also take "inf", "nan" and a sign.
    if (text.empty() || (!is_digit(text.front()) && text.front() != '.')) {
        return std::nullopt;
    }
    double number = 0;
    const auto [stop, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return number;
}

// Take the letters off the front of `text`.
std::string_view take_name(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && text[length] != '.' && !is_digit(text[length])) {
        ++length;
    }
    const std::string_view name = text.substr(0, length);
    text.remove_prefix(length);
    return name;
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    double seconds = 0;
    std::size_t next = 0;
    do {
        const bool first = next == 0;
        const auto number = take_number(text);
        if (!number) {
            return std::nullopt;
        }
        std::string_view name = take_name(text);
        if (name.empty() && first && text.empty()) {
            name = "s";
        }
        while (next < kTimes.size() && kTimes[next].name != name) {
            ++next;
        }
        if (next == kTimes.size()) {
            return std::nullopt;
        }
        seconds += *number * kTimes[next].factor;
        ++next;
    } while (!text.empty());
    if (seconds > kLongest) {
        return std::nullopt;
    }
    return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const auto number = take_number(text);
    if (!number) {
        return std::nullopt;
    }
    double factor = text.empty() ? 1 : 0;
    for (const Unit& unit : kSizes) {
        if (text == unit.name) {
            factor = unit.factor;
        }
    }
    const double bytes = *number * factor;
    if (factor == 0 || bytes > kLargest) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace antsrun
