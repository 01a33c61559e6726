#include "ants/error.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <set>
#include <string>

namespace ants {
namespace {

TEST_CASE("error: each code") {
    std::set<std::string> messages;
    for (int code = 1; code <= static_cast<int>(Errc::invalid_multi_pool_size); ++code) {
        const std::error_code error = static_cast<Errc>(code);
        CHECK(error);
        CHECK(std::string(error.category().name()) == "ants");
        messages.insert(error.message());
    }
    SUBCASE("has a message of its own") {
        CHECK(messages.size() == 9);
        CHECK(messages.count(std::error_code(99, error_category()).message()) == 0);
    }
    SUBCASE("compares with std::error_code") {
        const std::error_code closed = Errc::pool_closed;
        CHECK(closed == Errc::pool_closed);
        CHECK(closed != Errc::pool_overload);
    }
    SUBCASE("timeout is what the standard library calls timed_out") {
        CHECK(make_error_code(Errc::timeout) == std::errc::timed_out);
        CHECK(make_error_code(Errc::pool_closed) != std::errc::timed_out);
    }
}

}  // namespace
}  // namespace ants
