#include "report/latency.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <doctest/doctest.h>

namespace antsrun {
namespace {

// The definition, by sorting.
double sorted_quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const double rank = std::ceil(share * static_cast<double>(values.size()));
    return values[static_cast<std::size_t>(rank) - 1];
}

}  // namespace

TEST_SUITE("report") {
    TEST_CASE("latency: few durations") {
        Latency latency;
        SUBCASE("none at all is zero") {
            CHECK(latency.quantile(0.5) == 0);
            CHECK(latency.max() == 0);
            CHECK(latency.mean() == 0);
        }
        SUBCASE("quantiles are exact") {
            for (const double seconds : {0.3, 0.1, 0.2, 0.4}) {
                latency.add(seconds);
            }
            CHECK(latency.quantile(0.50) == 0.2);
            CHECK(latency.quantile(0.90) == 0.4);
            CHECK(latency.quantile(0.01) == 0.1);
            CHECK(latency.max() == 0.4);
            CHECK(latency.mean() == doctest::Approx(0.25));
        }
        SUBCASE("nonsense counts as zero") {
            latency.add(-1);
            latency.add(std::numeric_limits<double>::quiet_NaN());
            CHECK(latency.max() == 0);
            CHECK(latency.count() == 2);
        }
    }

    TEST_CASE("latency: quantiles of many durations are within one percent") {
        std::mt19937_64 random(7);
        for (const double middle : {1e-9, 1e-6, 0.001, 0.7, 40.0, 1e5}) {
            std::lognormal_distribution<double> distribution(std::log(middle), 2.0);
            Latency latency;
            std::vector<double> all;
            for (std::size_t i = 0; i < 50 * Latency::kExact; ++i) {
                all.push_back(distribution(random));
                latency.add(all.back());
            }
            for (const double share : {0.001, 0.5, 0.9, 0.99, 0.999, 1.0}) {
                CAPTURE(middle);
                CAPTURE(share);
                const double expected = sorted_quantile(all, share);
                // A nanosecond is the unit: below a hundred of them a percent is less than that.
                CHECK(std::abs(latency.quantile(share) - expected) <= expected * 0.01 + 1e-9);
            }
            CHECK(latency.max() == *std::max_element(all.begin(), all.end()));
        }
    }

    TEST_CASE("latency: the longest durations have a place") {
        Latency latency;
        for (std::size_t i = 0; i <= Latency::kExact; ++i) {
            latency.add(std::numeric_limits<double>::infinity());
        }
        CHECK(latency.quantile(0.5) > 9e8);
    }
}

}  // namespace antsrun
