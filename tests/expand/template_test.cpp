#include "expand/template.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace antsrun {
namespace {

Job job_of(std::vector<std::string> arguments) {
    Job job;
    job.seq = 7;
    job.total = 120;
    job.arguments = std::move(arguments);
    return job;
}

std::string rendered(const std::string& text, const Job& job, TemplateConfig config = {}) {
    const auto command = Template::parse_command(text, std::move(config));
    if (!command) {
        return "error: " + command.error().what;
    }
    return command->render(job, 3);
}

struct Case {
    const char* text;
    std::vector<std::string> arguments;
    const char* expected;
};

void check(const std::vector<Case>& cases, const TemplateConfig& config = {}) {
    for (const Case& c : cases) {
        CAPTURE(c.text);
        CHECK(rendered(c.text, job_of(c.arguments), config) == c.expected);
    }
}

TEST_CASE("template: placeholders, as GNU parallel has them") {
    check({
        {"echo {} {.} {/} {//} {/.}", {"a/b.c.d"}, "echo a/b.c.d a/b.c b.c.d a b.c"},
        {"echo {1} {2} {-1} {-2} {3}", {"a", "c"}, "echo a c c a "},
        {"echo {1.} {2/} {-1//} {1/.}", {"x/a.b", "c/d"}, "echo x/a d c a"},
        {"echo {#} {%}", {"a"}, "echo 7 3"},
        {"echo {.} {/}", {".b"}, "echo '' .b"},
        {"echo {.}", {"a/.b"}, "echo a/"},
        {"echo {.}", {"a.b/c"}, "echo a.b/c"},
        {"echo {/}", {"a/"}, "echo ''"},
        {"{//}:", {"a/b/"}, "a:"},
        {":{//}:", {"/"}, ":/:"},
        {":{//}:", {""}, ":.:"},
        {":{//}:", {"a//b"}, ":a:"},
        {":{//}:", {"/a"}, ":/:"},
        {"echo {} {", {"x"}, "echo x {"},
        {"echo {0} {+1} {a} {}", {"x"}, "echo {0} {+1} {a} x"},
    });
}

TEST_CASE("template: what is no placeholder stays") {
    check({
        {"echo ${} ${1} ${HOME} {}", {"x"}, "echo ${} ${1} ${HOME} x"},
        {"echo \\{} {}", {"x"}, "echo \\{} x"},
        {"echo {} { a; } {}", {"{.}"}, "echo '{.}' { a; } '{.}'"},
    });
}

TEST_CASE("template: without a placeholder the arguments come last") {
    check({
        {"echo a", {"b c"}, "echo a 'b c'"},
        {"echo a", {"b", "c"}, "echo a b c"},
        {"echo {#}", {"b"}, "echo 7"},
        {"echo a", {""}, "echo a ''"},
        {"echo 'a",
         {"b"},
         "error: the command has no placeholder, and the arguments cannot be appended in an "
         "unfinished quote"},
        {"echo a # b",
         {"b"},
         "error: the command has no placeholder, and the arguments cannot be appended in a "
         "comment"},
    });
}

TEST_CASE("template: several arguments") {
    check({
        {"echo x{}y", {"a", "b"}, "echo xa by"},
        {"echo {.}", {"a.b", "c.d"}, "echo a c"},
        {"echo '{}'", {"a b", "c"}, "echo 'a b c'"},
    });
    TemplateConfig repeated;
    repeated.several = Several::repeated;
    check(
        {
            {"echo x{}y", {"a", "b", "c d"}, "echo xay xby x'c d'y"},
            {"echo x{.}y{1} z", {"a.a", "b.b"}, "echo xaya.a xbya.a z"},
            {"echo x{1}y", {"a", "b"}, "echo xay"},
            {"echo \"p {}\";", {"a", "b"}, "echo \"p a\" \"p b\";"},
            {"a {} >{#}", {"1", "2"}, "a 1 2 >7"},
            {"echo", {"1", "2"}, "echo 1 2"},
        },
        repeated);
}

TEST_CASE("template: values are quoted where they stand") {
    check({
        {"a {}", {"it's"}, "a 'it'\\''s'"},
        {"a '{}'", {"it's"}, "a 'it'\\''s'"},
        {"a \"{}\"", {"it's"}, "a \"\"'it'\\''s'\"\""},
        {"a \"{}\"", {"safe"}, "a \"safe\""},
        {"a \"$HOME{}\"", {"safe"}, "a \"$HOME\"'safe'\"\""},
        {"a \"$HOME/{}\"", {"safe"}, "a \"$HOME/safe\""},
        {"a $HOME{}", {"safe"}, "a $HOME'safe'"},
        {"a ~{}", {"root"}, "a ~'root'"},
        {"a [{}]", {"a-z"}, "a ['a-z']"},
        {"a {}>b", {"2"}, "a '2'>b"},
        {"a {} >b", {"2"}, "a 2 >b"},
        {"a --b={}", {"c"}, "a --b=c"},
        {"a; {}=b c", {"PATH"}, "a; 'PATH'=b c"},
        {"a; {} b", {"if"}, "a; 'if' b"},
        {"a \"$(b {})\"", {"c d"}, "a \"$(b 'c d')\""},
        {"a \"$(b \"{}\" )\" {}", {"c d"}, "a \"$(b \"\"'c d'\"\" )\" 'c d'"},
        {"case {} in {}) a;; esac", {"esac"}, "case 'esac' in 'esac') a;; esac"},
    });
}

TEST_CASE("template: a first word that is a placeholder is command text") {
    check({
        {"{}", {"echo a; echo b"}, "echo a; echo b"},
        {" {} -x {}", {"a b"}, " a b -x 'a b'"},
        {"{1} {2}", {"a b", "c d"}, "a b 'c d'"},
        {"{}/x", {"a b"}, "'a b'/x"},
        {"'{}'", {"a b"}, "'a b'"},
        {"{#} a", {"b"}, "7 a"},
    });
}

TEST_CASE("template: places where nothing is safe are refused") {
    const auto message = [](const char* text) { return rendered(text, job_of({"x"})); };
    CHECK(message("a `b {}`") == "error: '{}' cannot stand in backticks (use $(...))");
    CHECK(message("cat <<E\n{.}\nE\n") == "error: '{.}' cannot stand behind a here-document");
    CHECK(message("a $((1 + {}))") == "error: '{}' cannot stand in arithmetic");
    CHECK(message("(( {} ))") == "error: '{}' cannot stand in arithmetic");
    CHECK(message("a ${b:-{}}") == "error: '{}' cannot stand in ${...}");
    CHECK(message("a $'{}'") == "error: '{}' cannot stand behind $'");
    CHECK(message("a # {}") == "error: '{}' cannot stand in a comment");
    CHECK(message("a \"$(case b in b) c {};; esac)\"") ==
          "error: '{}' cannot stand behind a case in $(...)");
    CHECK(message("a `b` $((1)) ${c} a#b <<<c {}") == "a `b` $((1)) ${c} a#b <<<c x");
}

TEST_CASE("template: -I") {
    TemplateConfig config;
    config.placeholders.item = "//";
    check({{"echo // {} {.}", {"a.b"}, "echo a.b {} a"}}, config);
}

TEST_CASE("template: --plus") {
    TemplateConfig config;
    config.placeholders.plus = true;
    config.slots = 10;
    check(
        {
            {"a {..} {+.} {+/} {/..} {+..} {...}", {"a/ab.c.b"}, "a a/ab b a ab c.b a/ab.c.b"},
            {"a {#a} {%b} {/a/Z} {//a/Z}", {"a/ab.c.b"}, "a /ab.c.b a/ab.c. Z/ab.c.b Z/Zb.c.b"},
            {"a {//} {/} {//x} {/x} {/x/}", {"a/x"}, "a a x {//x} {/x} a/"},
            {"a {##} {0#} {0%}", {"x"}, "a 120 007 03"},
            {"a {1..}", {"x.y.z"}, "a x"},
        },
        config);
    check({{"a {..} {}", {"x.y.z"}, "a {..} x.y.z"}});
}

TEST_CASE("template: columns by name") {
    TemplateConfig config;
    config.placeholders.named = true;
    Job job = job_of({"x/a.b", "c d"});
    job.names =
        std::make_shared<std::vector<std::string>>(std::vector<std::string>{"path", "two.words"});
    const auto text = [&](const char* given) { return rendered(given, job, config); };
    CHECK(text("a {path} {path.} {path/} {path/.} {path//}") == "a x/a.b x/a a.b a x");
    CHECK(text("a {two.words} {1} {other}") == "a 'c d' x/a.b {other}");
    CHECK(text("a {other}") == "a {other} x/a.b 'c d'");
    CHECK(text("a {path} `{path}`") == "a x/a.b `{path}`");
    CHECK(rendered("a 'b {path}", job, config).starts_with("error: the command has no"));
}

TEST_CASE("template: own placeholders") {
    TemplateConfig config;
    for (const char* text : {"{x} s/a/b/g", "%y s|^(.)(.)|$2$1|", "{z} s/A//i"}) {
        auto rewrite = parse_rewrite(text);
        REQUIRE(rewrite);
        config.placeholders.rewrites.push_back(std::move(*rewrite));
    }
    check({{"echo {x} {} {2x} %y {z}", {"aa", "ca"}, "echo bb cb aa ca cb aa ac a c"}}, config);
    for (const char* wrong : {"{x}", "{x} ", " s/a/b/", "{x} y/a/b/", "{x} s/a/b", "{x} s/(/b/",
                              "{x} s/a/b/q", "{x} s"}) {
        CAPTURE(wrong);
        const auto refused = parse_rewrite(wrong);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what.find(wrong) != std::string::npos);
    }
}

TEST_CASE("template: a long argument and a regular expression need no stack") {
    TemplateConfig config;
    auto rewrite = parse_rewrite("{x} s/(a|b)*$//");
    REQUIRE(rewrite);
    config.placeholders.rewrites.push_back(std::move(*rewrite));
    CHECK(rendered("a {x}", job_of({std::string(1'000'000, 'a')}), config) == "a ''");
}

TEST_CASE("template: plain text") {
    const auto text = [](const char* given) {
        return Template::parse_text(given, {}).render(job_of({"a b", "$(c)/d.e"}), 2);
    };
    CHECK(text("out/{1}/{2/}'{%}") == "out/a b/d.e'2");
    CHECK(text("`{}` # {2.}") == "`a b $(c)/d.e` # $(c)/d");
    CHECK(text("nothing") == "nothing");
}

}  // namespace
}  // namespace antsrun
