#include "read/combine.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "read/source.hpp"
#include "read/support.hpp"

namespace antsrun {
namespace {

Names names(const Texts& texts) { return std::make_shared<const Texts>(texts); }

std::unique_ptr<InStep> in_step(const std::vector<Texts>& sources) {
    std::vector<std::unique_ptr<RecordSource>> members;
    for (const Texts& values : sources) {
        members.push_back(given(values));
    }
    return std::make_unique<InStep>(std::move(members));
}

// Counts up for ever.
class Endless : public RecordSource {
public:
    explicit Endless(int end = -1) : end_(end) {}
    ants::Task<std::optional<Record>> next() override {
        if (next_ == end_) {
            co_return std::nullopt;
        }
        Record record;
        record.fields.push_back(std::to_string(next_++));
        co_return record;
    }
    std::string error() const override { return {}; }

private:
    const int end_;
    int next_ = 0;
};

std::string first(RecordSource& source, int count) {
    ants::Carrier carrier;
    Rows rows;
    for (int i = 0; i < count; ++i) {
        rows.push_back(carrier.run(source.next())->fields);
    }
    return text_of(rows);
}

TEST_CASE("combine: joined fields keep their names") {
    struct Case {
        Record left;
        Record right;
        Texts fields;
        Names names;
    };
    const Names xy = names({"x", "y"});
    const Names z = names({"z"});
    const std::vector<Case> cases{
        {{{"1"}, nullptr, {}}, {{"2"}, nullptr, {}}, {"1", "2"}, nullptr},
        {{{"1", "2"}, xy, {}}, {{"3"}, z, {}}, {"1", "2", "3"}, names({"x", "y", "z"})},
        // Too few fields, too many, too few at the end, which does no harm.
        {{{"1"}, xy, {}}, {{"3"}, z, {}}, {"1", "", "3"}, names({"x", "y", "z"})},
        {{{"1", "2", "+"}, xy, {}},
         {{"3"}, z, {}},
         {"1", "2", "+", "3"},
         names({"x", "y", "", "z"})},
        {{{"3"}, z, {}}, {{"1"}, xy, {}}, {"3", "1"}, names({"z", "x", "y"})},
    };
    Joiner joiner;
    for (const Case& c : cases) {
        const Record record = joiner.join(c.left, c.right);
        CHECK(record.fields == c.fields);
        REQUIRE((record.names == nullptr) == (c.names == nullptr));
        if (c.names != nullptr) {
            CHECK(*record.names == *c.names);
            CHECK(joiner.join(c.left, c.right).names == record.names);  // shared
        }
    }
}

TEST_CASE("combine: product, the last source fastest") {
    const auto product = [](const Texts& left, const Texts& right) {
        Product source(given(left), given(right));
        const auto text = text_of(rows_of(source));
        CHECK(records_of(source).empty());  // over is over
        return text;
    };
    CHECK(product({"a", "b"}, {"1", "2", "3"}) == "a-1 a-2 a-3 b-1 b-2 b-3");
    CHECK(product({"a"}, {""}) == "a-");
    CHECK(product({"a", "b"}, {}).empty());
    CHECK(product({}, {"1"}).empty());
    Product three(std::make_unique<Product>(given({"a", "b"}), given({"1", "2"})),
                  given({"X", "Y"}));
    CHECK(text_of(rows_of(three)) == "a-1-X a-1-Y a-2-X a-2-Y b-1-X b-1-Y b-2-X b-2-Y");
}

TEST_CASE("combine: a product asks its sources for no more than it needs") {
    // Three times endless: had it to read one to its end, it would not come back.
    Product endless(std::make_unique<Product>(std::make_unique<Endless>(), given({"a", "b"})),
                    std::make_unique<Endless>(3));
    CHECK(first(endless, 7) == "0-a-0 0-a-1 0-a-2 0-b-0 0-b-1 0-b-2 1-a-0");
    int left = 0;
    int right = 0;
    Product product(std::make_unique<Given>(Rows{{"a"}, {"b"}, {"c"}}, "", &left),
                    std::make_unique<Given>(Rows{{"1"}, {"2"}}, "", &right));
    CHECK(first(product, 1) == "a-1");
    CHECK(left == 1);
    CHECK(right == 1);
    CHECK(first(product, 4) == "a-2 b-1 b-2 c-1");
    CHECK(left == 3);
    CHECK(right == 3);  // once through, its end included
    left = 0;
    Product empty(std::make_unique<Given>(Rows{{"a"}, {"b"}}, "", &left), given({}));
    CHECK(records_of(empty).empty());
    CHECK(left == 1);
}

TEST_CASE("combine: a product combines while its last source still arrives") {
    ::mkfifo("combine_test.fifo", 0600);
    auto fifo = Source::open({{"combine_test.fifo"}, "\n", {}});
    REQUIRE(fifo);
    UniqueFd writer(::open("combine_test.fifo", O_WRONLY | O_CLOEXEC));
    Product product(given({"a", "b"}), std::move(*fifo));
    CHECK(::write(writer.get(), "1\n", 2) == 2);
    CHECK(first(product, 1) == "a-1");
    CHECK(::write(writer.get(), "2\n", 2) == 2);
    CHECK(first(product, 1) == "a-2");
    writer = UniqueFd();
    CHECK(text_of(rows_of(product)) == "b-1 b-2");
    ::unlink("combine_test.fifo");
}

TEST_CASE("combine: linked sources stop with the shorter") {
    const auto linked = [](const Texts& left, const Texts& right) {
        Linked source(given(left), given(right));
        const auto text = text_of(rows_of(source));
        CHECK(records_of(source).empty());
        return text;
    };
    CHECK(linked({"a", "b"}, {"1", "2", "3"}) == "a-1 b-2");
    CHECK(linked({"a", "b", "c"}, {"1", "2"}) == "a-1 b-2");
    CHECK(linked({}, {"1"}).empty());
    CHECK(linked({"a"}, {}).empty());
    Linked endless(std::make_unique<Endless>(), given({"a", "b"}));
    CHECK(text_of(rows_of(endless)) == "0-a 1-b");
}

TEST_CASE("combine: in step, short sources start over") {
    struct Case {
        std::vector<Texts> sources;
        const char* rows;
    };
    const std::vector<Case> cases{
        {{{"a", "b", "c"}, {"1", "2"}, {"X"}}, "a-1-X b-2-X c-1-X"},
        {{{"a", "b"}, {"1", "2", "3", "4", "5"}}, "a-1 b-2 a-3 b-4 a-5"},
        // Each by itself, not as a group.
        {{{"a", "b"}, {"1", "2", "3"}, {"u", "v", "w", "x", "y"}}, "a-1-u b-2-v a-3-w b-1-x a-2-y"},
        {{{"1", "2"}, {"1", "2"}}, "1-1 2-2"},
        {{{"a", "b"}, {}}, ""},
        {{{}, {"a", "b"}}, ""},
        {{{}, {}}, ""},
    };
    for (const Case& c : cases) {
        const auto source = in_step(c.sources);
        CHECK(text_of(rows_of(*source)) == c.rows);
        CHECK(records_of(*source).empty());
    }
    std::vector<std::unique_ptr<RecordSource>> sources;
    sources.push_back(given({"a", "b"}));
    sources.push_back(std::make_unique<Endless>());
    InStep endless(std::move(sources));
    CHECK(first(endless, 5) == "a-0 b-1 a-2 b-3 a-4");
}

TEST_CASE("combine: a problem is passed on to every combination, an error to the end") {
    const std::vector<Record> bad{{{"x"}, nullptr, "bad"}, {{"y"}, nullptr, {}}};
    const auto problems = [](RecordSource& source) {
        std::string text;
        for (const Record& record : records_of(source)) {
            text += record.problem.empty() ? "." : record.problem + "!";
        }
        return text;
    };
    Product left(std::make_unique<Given>(bad), given({"1", "2"}));
    CHECK(problems(left) == "bad!bad!..");
    Product right(given({"1", "2"}), std::make_unique<Given>(bad));
    CHECK(problems(right) == "bad!.bad!.");
    Linked linked(given({"1", "2"}), std::make_unique<Given>(bad));
    CHECK(problems(linked) == "bad!.");

    const auto broken = [] { return std::make_unique<Given>(Rows{{"x"}}, "cannot read"); };
    Product product(given({"a", "b"}), broken());
    CHECK(text_of(rows_of(product)) == "a-x b-x");
    CHECK(product.error() == "cannot read");
    CHECK(Product(broken(), given({"a"})).error() == "cannot read");
    CHECK(Linked(broken(), given({"a"})).error() == "cannot read");
    std::vector<std::unique_ptr<RecordSource>> sources;
    sources.push_back(given({"a"}));
    sources.push_back(broken());
    CHECK(InStep(std::move(sources)).error() == "cannot read");
}

}  // namespace
}  // namespace antsrun
