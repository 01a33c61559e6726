#include <doctest/doctest.h>

#include "ants/ants.hpp"
#include "support.hpp"

namespace ants {
namespace {

TEST_CASE("default pool") {
    Gate gate;
    CHECK(&default_pool() == &default_pool());
    CHECK(capacity() == -1);
    CHECK(free() == -1);
    REQUIRE_FALSE(submit([&] { return gate.park(); }));
    REQUIRE(eventually([&] { return gate.arrived() == 1; }));
    CHECK(running() == 1);
    CHECK(waiting() == 0);
    CHECK(release(1ms) == Errc::timeout);
    CHECK(is_closed());
    CHECK(submit([] {}) == Errc::pool_closed);
    gate.open();
    CHECK_FALSE(release(kHang));
    reboot();
    CHECK_FALSE(is_closed());
    REQUIRE_FALSE(submit([&] { return gate.park(); }));
    release();
    CHECK(eventually([] { return running() == 0; }));
    CHECK(gate.left() == 2);
    reboot();
}

}  // namespace
}  // namespace ants
