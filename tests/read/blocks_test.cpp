#include "read/blocks.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ants/carrier.hpp"
#include "ants/wait.hpp"

namespace antsrun {
namespace {

using Blocks = std::vector<std::string>;

// A file with this content, as stdin too while it lives.
class Given {
public:
    explicit Given(std::string_view content) {
        const int file = ::open(name(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
        REQUIRE(file >= 0);
        REQUIRE(::write(file, content.data(), content.size()) ==
                static_cast<ssize_t>(content.size()));
        ::lseek(file, 0, SEEK_SET);
        before_ = ::dup(0);
        ::dup2(file, 0);
        ::close(file);
    }
    ~Given() {
        ::dup2(before_, 0);
        ::close(before_);
        ::unlink(name());
    }
    static const char* name() { return "blocks_test.txt"; }

private:
    int before_ = -1;
};

std::string content(const JobInput& input) {
    std::string text = input.bytes;
    if (input.file) {
        std::string part(input.length, '\0');
        CHECK(::pread(input.file->get(), part.data(), part.size(),
                      static_cast<off_t>(input.offset)) == static_cast<ssize_t>(part.size()));
        text += part;
    }
    return text;
}

Blocks all(JobSource& jobs) {
    ants::Carrier carrier;
    Blocks blocks;
    while (auto job = carrier.run(jobs.next())) {
        CHECK(job->seq == blocks.size() + 1);
        blocks.push_back(content(*job->input));
    }
    CHECK(jobs.error() == "");
    return blocks;
}

Blocks of_pipe(std::string_view text, const BlocksConfig& config) {
    const Given given(text);
    auto blocks = PipeBlocks::open(config, 2);
    REQUIRE(blocks);
    return all(**blocks);
}

// The same, but it comes in pieces.
Blocks of_pieces(std::string_view text, const BlocksConfig& config, std::size_t piece) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const int before = ::dup(0);
    ::dup2(ends[0], 0);
    ::close(ends[0]);
    auto jobs = PipeBlocks::open(config, 2);
    ::dup2(before, 0);
    ::close(before);
    REQUIRE(jobs);
    ants::Carrier carrier;
    carrier.spawn([](int to, std::string_view rest, std::size_t size) -> ants::Task<> {
        for (; !rest.empty(); rest.remove_prefix(std::min(size, rest.size()))) {
            const std::string_view next = rest.substr(0, size);
            CHECK(::write(to, next.data(), next.size()) == static_cast<ssize_t>(next.size()));
            co_await ants::yield();
        }
        ::close(to);
    }(ends[1], text, piece));
    Blocks blocks;
    while (auto job = carrier.run((*jobs)->next())) {
        blocks.push_back(job->input->bytes);
    }
    return blocks;
}

Blocks of_file(std::string_view text, BlocksConfig config, int slots = 2) {
    const Given given(text);
    config.file = Given::name();
    auto parts = FileParts::open(config, slots);
    REQUIRE(parts);
    return all(**parts);
}

BlocksConfig sized(std::uint64_t size) {
    BlocksConfig config;
    config.block_size = size;
    return config;
}

TEST_CASE("blocks: cut behind the last line that fits; a longer line makes a longer block") {
    CHECK(of_pipe("a\nb\nc\nd\n", sized(4)) == Blocks{"a\nb\n", "c\nd\n"});
    CHECK(of_pipe("a\nb\nc\nd\n", sized(5)) == Blocks{"a\nb\n", "c\nd\n"});
    CHECK(of_pipe("a\nbcdefg\nh\n", sized(3)) == Blocks{"a\n", "bcdefg\n", "h\n"});
    CHECK(of_pipe("a\nb", sized(2)) == Blocks{"a\n", "b"});
    CHECK(of_pipe("abc", sized(1)) == Blocks{"abc"});
    CHECK(of_pipe("", sized(1)) == Blocks{});
    CHECK(of_pipe("\n\n", sized(1)) == Blocks{"\n", "\n"});
}

TEST_CASE("blocks: so many records") {
    BlocksConfig config;
    config.most_records = 2;
    CHECK(of_pipe("a\nb\nc\n", config) == Blocks{"a\nb\n", "c\n"});
    CHECK(of_pipe("a\nb\nc", config) == Blocks{"a\nb\n", "c"});
    config.record_end = ",";
    CHECK(of_pipe("a,b,c,d", config) == Blocks{"a,b,", "c,d"});
    config.removes_separators = true;
    CHECK(of_pipe("a,b,c,d", config) == Blocks{"ab", "cd"});
}

TEST_CASE("blocks: a record begins with a text, or ends with one that it follows") {
    BlocksConfig config = sized(6);
    config.record_end = "";
    config.record_start = ">";
    CHECK(of_pipe(">a\n>b\n>c\n", config) == Blocks{">a\n>b\n", ">c\n"});
    CHECK(of_file(">a\n>b\n>c\n", config) == Blocks{">a\n>b\n", ">c\n"});
    config.most_records = 1;
    CHECK(of_pipe(">a\n>b\n", config) == Blocks{">a\n", ">b\n"});
    config.record_end = "\n";
    CHECK(of_pipe("x\ny\n>b\n", config) == Blocks{"x\ny\n", ">b\n"});
}

TEST_CASE("blocks: a header goes to every job") {
    BlocksConfig config = sized(2);
    config.header_lines = 2;
    CHECK(of_pipe("h\ni\na\nb\n", config) == Blocks{"h\ni\na\n", "h\ni\nb\n"});
    CHECK(of_file("h\ni\na\nb\n", config) == Blocks{"h\ni\na\n", "h\ni\nb\n"});
    CHECK(of_pipe("h\n", config) == Blocks{});
    CHECK(of_file("h\n", config) == Blocks{});
}

TEST_CASE("blocks: parts of a file") {
    CHECK(of_file("a\nb\nc\nd\n", sized(4)) == Blocks{"a\nb\n", "c\nd\n"});
    CHECK(of_file("a\nb\nc\nd\n", sized(3)) == Blocks{"a\nb\n", "c\nd\n"});
    CHECK(of_file("abc\nd", sized(1)) == Blocks{"abc\n", "d"});
    CHECK(of_file("", sized(1)) == Blocks{});
    BlocksConfig config;
    config.blocks_per_slot = 1;
    CHECK(of_file("a\nb\nc\nd\n", config, 2) == Blocks{"a\nb\n", "c\nd\n"});
    CHECK(of_file("a\nb\nc\nd\n", config, 4).size() == 4);
}

TEST_CASE("blocks: what no parts can be read of") {
    BlocksConfig config;
    config.file = "/nonexistent";
    CHECK(FileParts::open(config, 1).error().message().find("'/nonexistent'") != std::string::npos);
    config.file = "/dev/null";
    CHECK(FileParts::open(config, 1).error().message().find("--pipe") != std::string::npos);
}

// What is true of any input: nothing is lost or added, and blocks end where records end.
void check_whole(const std::string& text, const Blocks& blocks, const std::string& end,
                 const std::string& start) {
    std::string joined;
    for (const std::string& block : blocks) {
        CHECK_FALSE(block.empty());
        joined += block;
        const bool is_last = joined.size() == text.size();
        CHECK((is_last || (joined.ends_with(end) &&
                           std::string_view(text).substr(joined.size()).starts_with(start))));
    }
    CHECK(joined == text);
}

TEST_CASE("blocks: whatever the input, the size and the separators") {
    std::mt19937 random(7);
    constexpr std::string_view kSeparators[][2] = {
        {"\n", ""}, {"\n\n", ""}, {"", ">"}, {"\n", ">"}, {"aa", ""}, {"", "ab"}, {"\n>", "a"}};
    for (int i = 0; i < 3'000; ++i) {
        std::string text;
        for (std::size_t length = random() % 60; length > 0; --length) {
            text += "\n\n>ab"[random() % 5];
        }
        const auto& [end, start] = kSeparators[random() % std::size(kSeparators)];
        BlocksConfig config = sized(1 + random() % 12);
        config.record_end = end;
        config.record_start = start;
        CAPTURE(text);
        CAPTURE(config.block_size);
        CAPTURE(config.record_end);
        CAPTURE(config.record_start);
        check_whole(text, of_pipe(text, config), config.record_end, config.record_start);
        check_whole(text, of_file(text, config), config.record_end, config.record_start);
        config.most_records = 1 + random() % 3;
        check_whole(text, of_pipe(text, config), config.record_end, config.record_start);
    }
}

TEST_CASE("blocks: what comes in pieces is cut as if it had come at once") {
    std::mt19937 random(11);
    constexpr std::string_view kSeparators[][2] = {{"\n", ""},  {"\nb", ">"},   {"", ">"},
                                                   {"\n+", ""}, {"\n+", ">|a"}, {"[b>]\n", "a"},
                                                   {"", ">a"}};
    for (int i = 0; i < 700; ++i) {
        const auto& [end, start] = kSeparators[random() % std::size(kSeparators)];
        const std::size_t rarity = random() % 2 == 0 ? 5 : 100;
        std::string text;
        for (std::size_t length = random() % 1500; length > 0; --length) {
            const std::size_t chosen = random() % rarity;
            text += chosen < 4 ? "\n>ab"[chosen] : 'x';
        }
        BlocksConfig config = sized(1 + random() % 200);
        config.record_end = end;
        config.record_start = start;
        config.are_patterns = random() % 2 == 0;
        const std::size_t piece = 1 + random() % 40;
        CAPTURE(text);
        CAPTURE(config.block_size);
        CAPTURE(config.record_end);
        CAPTURE(config.record_start);
        CAPTURE(config.are_patterns);
        CHECK(of_pieces(text, config, piece) == of_pipe(text, config));
        config.most_records = 1 + random() % 5;
        CHECK(of_pieces(text, config, piece) == of_pipe(text, config));
    }
}

TEST_CASE("blocks: dealt out: one to each of so many jobs, the others to whoever takes them") {
    const Given given("a\n1\n2\n3\n4\n5\n");
    BlocksConfig config;
    config.round_robin = true;
    config.most_records = 1;
    config.header_lines = 1;
    auto blocks = PipeBlocks::open(config, 2);
    REQUIRE(blocks);
    ants::Carrier carrier;
    const auto first = carrier.run((*blocks)->next());
    const auto second = carrier.run((*blocks)->next());
    CHECK(!carrier.run((*blocks)->next()));
    CHECK(first->input->bytes == "a\n1\n");
    CHECK(second->input->bytes == "a\n2\n");
    BlockQueue::Taker& taker = *second->input->blocks;
    Blocks taken;
    carrier.run([](BlockQueue::Taker& from, Blocks& to) -> ants::Task<> {
        ants::Notice wake;
        while (!from.has_ended()) {
            if (auto block = from.take(wake)) {
                to.push_back(*block);
            } else {
                co_await ants::yield();
            }
        }
    }(taker, taken));
    CHECK(taken == Blocks{"3\n", "4\n", "5\n"});
}

TEST_CASE("blocks: records by regular expressions") {
    BlocksConfig config;
    config.are_patterns = true;
    config.block_size = 8;
    SUBCASE("at the end of one") {
        config.record_end = "[;,]\\s*";
        CHECK(of_pipe("aa, bb;cc,dd", config) == Blocks{"aa, bb;", "cc,dd"});
        CHECK(of_file("aa, bb;cc,dd", config) == Blocks{"aa, bb;cc,", "dd"});
    }
    SUBCASE("before the beginning of the next") {
        config.record_end.clear();
        config.record_start = "<[ab]>";
        CHECK(of_pipe("<a>12<b>3<c>4<a>", config) == Blocks{"<a>12", "<b>3<c>4", "<a>"});
    }
    SUBCASE("between both") {
        config.record_end = "\\n";
        config.record_start = "\\d";
        CHECK(of_pipe("1 aa\nb\n2 cc\n\n3", config) == Blocks{"1 aa\nb\n", "2 cc\n\n3"});
    }
    SUBCASE("so many in a block") {
        config.record_end = "\\n+";
        config.most_records = 2;
        CHECK(of_pipe("a\n\n\nb\nc\nd", config) == Blocks{"a\n\n\nb\n", "c\nd"});
    }
    SUBCASE("left out") {
        config.record_end = "\\d";
        config.removes_separators = true;
        CHECK(of_pipe("aa1bb2cc3", config) == Blocks{"aabb", "cc"});
    }
    SUBCASE("a long text, most of it far from any end") {
        config.record_end = "end";
        const std::string text = std::string(300'000, 'x') + "end" + std::string(300'000, 'y');
        CHECK(of_pipe(text, config) == Blocks{text.substr(0, 300'003), text.substr(300'003)});
    }
}

TEST_CASE("blocks: wrong regular expressions") {
    for (const auto& [end, start] :
         {std::pair{"(", ""}, {"", "["}, {"a)(b", ""}, {"x*", ""}, {"", ""}}) {
        CAPTURE(end);
        BlocksConfig config;
        config.are_patterns = true;
        config.record_end = end;
        config.record_start = start;
        CHECK(!PipeBlocks::open(config, 2));
    }
}

}  // namespace
}  // namespace antsrun
