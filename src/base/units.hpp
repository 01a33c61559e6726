// Durations and sizes as people write them. Pure; any thread.
//
// Nothing is guessed: what is not wholly understood, negative or too large is no value at all,
// and the caller says what to type instead.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace antsrun {

// "1.5" (seconds), "300ms", "2s", "1m30s", "1h", "1d": each unit at most once, the largest first.
// A number without a unit stands alone. At most 100 years, so that it can be added to a clock.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// Bytes: "512", "10K", "1.5M", "2G", "1T" in powers of 1024; "k", "m", "g", "t" in powers of 1000,
// as GNU parallel has it.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace antsrun
