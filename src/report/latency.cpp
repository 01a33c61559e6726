#include "report/latency.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace antsrun {
namespace {

// Far more than any run lasts, and far below what an integer of 64 bits holds.
constexpr double kLongest = 1e9;

}  // namespace

Latency::Latency() { first_.reserve(kExact); }

void Latency::add(double seconds) noexcept {
    // Written so that NaN, too, becomes 0.
    const double duration = seconds > 0 ? std::min(seconds, kLongest) : 0;
    ++count_;
    sum_ += duration;
    max_ = std::max(max_, duration);
    if (first_.size() < kExact) {
        first_.push_back(duration);
    }
    ++histogram_[bucket_of(static_cast<std::uint64_t>(duration * 1e9))];
}

double Latency::mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

double Latency::quantile(double share) const {
    if (count_ == 0) {
        return 0;
    }
    const double exact_rank = std::ceil(share * static_cast<double>(count_));
    const auto rank = std::clamp(static_cast<std::uint64_t>(exact_rank), std::uint64_t{1}, count_);
    if (count_ <= kExact) {
        std::vector<double> sorted = first_;
        const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
        std::nth_element(sorted.begin(), nth, sorted.end());
        return *nth;
    }
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
        seen += histogram_[bucket];
        if (seen >= rank) {
            return std::min(middle_of(bucket), max_);
        }
    }
    return max_;
}

// Values below 64 have a bucket each. Above, the highest bit chooses a row of 64 buckets and the
// six bits behind it the place in the row.
std::size_t Latency::bucket_of(std::uint64_t nanoseconds) noexcept {
    const int width = static_cast<int>(std::bit_width(nanoseconds));
    if (width <= kBits) {
        return nanoseconds;
    }
    const int shift = width - kBits - 1;
    const std::uint64_t place = (nanoseconds >> shift) - (1U << kBits);
    return (static_cast<std::size_t>(shift + 1) << kBits) + place;
}

double Latency::middle_of(std::size_t bucket) noexcept {
    const std::size_t row = bucket >> kBits;
    const auto place = static_cast<double>(bucket & ((1U << kBits) - 1));
    if (row == 0) {
        return place / 1e9;
    }
    const double width = std::ldexp(1.0, static_cast<int>(row) - 1);
    return ((1U << kBits) + place + 0.5) * width / 1e9;
}

}  // namespace antsrun
