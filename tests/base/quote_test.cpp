#include "base/quote.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>

#include "shell.hpp"

namespace antsrun {
namespace {

TEST_CASE("quote: bare if it is safe, single quotes otherwise") {
    CHECK(quote("plain-1.0_x/y:z,@%+") == "plain-1.0_x/y:z,@%+");
    CHECK(quote("") == "''");
    CHECK(quote("a b") == "'a b'");
    CHECK(quote("it's") == R"('it'\''s')");
    for (const std::string_view word :
         {"$x", "*", "a;b", "~", "a=b", "#", "!", "{}", "\n", "\xff"}) {
        CHECK(quote(word) == "'" + std::string(word) + "'");
    }
}

TEST_CASE("quote: a real shell gives back the bytes") {
    std::mt19937 random(1);
    std::string script = "printf '%s\\0'";
    std::string expected;
    for (int i = 0; i < 300; ++i) {
        std::string word;
        for (auto length = random() % 12; length > 0; --length) {
            word += static_cast<char>(1 + random() % 255);
        }
        script += " " + quote(word);
        expected += word + '\0';
    }
    CHECK(output_of_sh("quote_test", script) == expected);
}

TEST_CASE("quote: UTF-8") {
    for (const std::string_view good : {"", "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x90\x9c"}) {
        CHECK(is_utf8(good));
        CHECK(to_utf8_escaped(good) == good);
    }
    struct Row {
        std::string_view bytes;
        std::string_view escaped;
    };
    for (const Row& row :
         {Row{"\xff", "\\xff"}, Row{"a\xc3", "a\\xc3"}, Row{"\xc0\x80", "\\xc0\\x80"},  // overlong
          Row{"\xed\xa0\x80", "\\xed\\xa0\\x80"},           // a surrogate
          Row{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},  // beyond the last
          Row{"\xe2\x82z", "\\xe2\\x82z"}}) {
        CHECK_FALSE(is_utf8(row.bytes));
        CHECK(to_utf8_escaped(row.bytes) == row.escaped);
    }
}

TEST_CASE("quote: nothing drives the terminal") {
    CHECK(escape_for_terminal("a\tb\nc\r") == "a\\tb\\nc\\r");
    CHECK(escape_for_terminal("\x1b[31m\x7f") == "\\x1b[31m\\x7f");
    CHECK(escape_for_terminal("\xc2\x9b"
                              "31m") == "\\x9b31m");  // C1 as UTF-8
    CHECK(escape_for_terminal("\x9b") == "\\x9b");    // and as a byte
    CHECK(escape_for_terminal("\xc3\xa4") == "\xc3\xa4");
}

}  // namespace
}  // namespace antsrun
