// How long things took, as a distribution: quantiles, maximum and mean of any number of durations
// in 30 KB. Belongs to one thread.
//
// The first kExact durations are kept as they are, so that the quantiles of a small run are exact.
// Beyond that they come from a histogram over nanoseconds whose buckets grow with the value: a
// bucket is at most 1/64 of its value wide, and its middle is off by at most 0.8 %. Maximum and
// mean are always exact.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace antsrun {

class Latency {
public:
    static constexpr std::size_t kExact = 1024;

    Latency();

    // Never allocates. Negative and undefined values count as 0.
    void add(double seconds) noexcept;

    std::uint64_t count() const { return count_; }
    double max() const { return max_; }
    // 0 if there are none.
    double mean() const;

    // The smallest duration that at least `share` of all durations (0 < share <= 1) do not exceed;
    // 0 if there are none.
    double quantile(double share) const;

private:
    static constexpr int kBits = 6;  // 64 buckets for each power of two
    static constexpr std::size_t kBuckets = (64 - kBits) << kBits;

    static std::size_t bucket_of(std::uint64_t nanoseconds) noexcept;
    static double middle_of(std::size_t bucket) noexcept;

    std::uint64_t count_ = 0;
    double sum_ = 0;
    double max_ = 0;
    std::vector<double> first_;  // the first kExact, in order of arrival
    std::array<std::uint64_t, kBuckets> histogram_{};
};

}  // namespace antsrun
