#include "cli/exit_code.hpp"

#include <doctest/doctest.h>

namespace antsrun::cli {
namespace {

int count_code(std::uint64_t failed) { return exit_code(ExitPolicy::count, failed, 7, 123); }

TEST_CASE("exit code: the number of failed jobs, as far as it fits") {
    CHECK(count_code(0) == 0);
    CHECK(count_code(1) == 1);
    CHECK(count_code(100) == 100);
    CHECK(count_code(101) == 101);
    CHECK(count_code(256) == 101);
    CHECK(count_code(1ULL << 40) == 101);
}

TEST_CASE("exit code: other policies") {
    CHECK(exit_code(ExitPolicy::any, 0, 0, 0) == 0);
    CHECK(exit_code(ExitPolicy::any, 200, 7, 123) == 1);
    CHECK(exit_code(ExitPolicy::max, 0, 0, 0) == 0);
    CHECK(exit_code(ExitPolicy::max, 2, 137, 125) == 137);
    CHECK(exit_code(ExitPolicy::max, 1, 0, 123) == 1);  // ended by us, and exited with 0
    CHECK(exit_code(ExitPolicy::xargs, 0, 0, 0) == 0);
    CHECK(exit_code(ExitPolicy::xargs, 2, 3, 123) == 123);
}

}  // namespace
}  // namespace antsrun::cli
