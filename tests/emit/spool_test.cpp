#include "emit/spool.hpp"

#include <doctest/doctest.h>

#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace antsrun {
namespace {

std::string content_of(const Spool& spool) {
    std::string text(spool.file_size(), '\0');
    if (!text.empty()) {
        CHECK(::pread(spool.file(), text.data(), text.size(), 0) ==
              static_cast<ssize_t>(text.size()));
    }
    return text + spool.memory();
}

// Sets $TMPDIR for as long as it lives.
class TemporaryDirectoryIs {
public:
    explicit TemporaryDirectoryIs(const char* path) { ::setenv("TMPDIR", path, 1); }
    ~TemporaryDirectoryIs() { ::unsetenv("TMPDIR"); }
};

TEST_CASE("spool") {
    SpoolBudget budget(64 * 1024 * 1024);
    Spool spool(budget);

    SUBCASE("is empty at first") {
        CHECK(spool.is_empty());
        CHECK(spool.size() == 0);
    }
    SUBCASE("keeps small output in memory") {
        CHECK(spool.append("one "));
        CHECK(spool.append("two"));
        CHECK(spool.file_size() == 0);
        CHECK(spool.memory() == "one two");
    }
    SUBCASE("moves to a file beyond its bound and keeps the order") {
        const std::string block(Spool::kInMemory / 2 + 1, 'x');
        std::string expected;
        for (const char* end : {"a", "b", "c"}) {
            CHECK(spool.append(block + end));
            expected += block + end;
        }
        CHECK(spool.memory().empty());
        CHECK(spool.memory().capacity() < 100);  // many may wait
        CHECK(spool.size() == expected.size());
        CHECK(content_of(spool) == expected);
    }
    SUBCASE("keeps what a missing directory for files would lose, and says so") {
        const TemporaryDirectoryIs nowhere("/nonexistent");
        const std::string block(Spool::kInMemory, 'x');
        CHECK(spool.append(block));
        CHECK_FALSE(spool.append("more"));
        CHECK(content_of(spool) == block + "more");
    }
    SUBCASE("moves with its content") {
        CHECK(spool.append("text"));
        Spool other(std::move(spool));
        CHECK(other.memory() == "text");
        CHECK(spool.is_empty());
    }
}

TEST_CASE("spool: the budget of all together") {
    SpoolBudget budget(10);
    Spool first(budget);
    CHECK(first.append("12345678"));
    SUBCASE("sends what does not fit to a file") {
        Spool second(budget);
        CHECK(second.append("abc"));
        CHECK(second.file_size() == 3);
        CHECK(first.file_size() == 0);
    }
    SUBCASE("is given back when a spool goes") {
        first = Spool(budget);
        Spool second(budget);
        CHECK(second.append("123456789"));
        CHECK(second.file_size() == 0);
    }
}

}  // namespace
}  // namespace antsrun
