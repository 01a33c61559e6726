#include "cli/exit_code.hpp"

#include <doctest/doctest.h>

namespace antsrun::cli {
namespace {

TEST_CASE("exit code: the number of failures as far as it fits, never modulo 256") {
    CHECK(exit_code(0) == 0);
    CHECK(exit_code(1) == 1);
    CHECK(exit_code(100) == 100);
    CHECK(exit_code(101) == 101);
    CHECK(exit_code(256) == 101);
    CHECK(exit_code(1ULL << 40) == 101);
}

}  // namespace
}  // namespace antsrun::cli
