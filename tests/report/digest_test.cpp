#include "report/digest.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <doctest/doctest.h>

#include <unistd.h>

#include "samples.hpp"

namespace antsrun {

using namespace samples;

namespace {

// What a shell makes of the line to paste, with `cat` in place of antsrun.
std::string pasted(const Digest& digest, const std::string& shell) {
    const std::string text = digest.text({.antsrun = "cat"});
    const auto start = text.rfind("\n  printf ") + 3;
    std::string line = text.substr(start, text.find('\n', start) - start);
    if (line.ends_with(" -0")) {
        line.resize(line.size() - 3);
    }
    ::setenv("LINE", line.c_str(), 1);
    FILE* const pipe = ::popen((shell + R"( -c "$LINE")").c_str(), "r");
    std::string output;
    std::array<char, 4096> buffer{};
    for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
        output.append(buffer.data(), n);
    }
    ::pclose(pipe);
    return output;
}

bool is_safe_for_terminal(const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        if ((byte < 0x20 && byte != '\n') || byte == 0x7F ||
            (byte == 0xC2 && next >= 0x80 && next < 0xA0)) {
            return false;
        }
    }
    return true;
}

}  // namespace

TEST_SUITE("report") {
    TEST_CASE("digest: is empty when nothing failed") {
        Digest digest;
        CHECK(digest.text({}).empty());
        run(digest, 1, "true", success());
        digest.on_not_started(samples::job(2));
        CHECK(digest.text({}).empty());
    }

    TEST_CASE("digest: names the failed jobs, their causes and last words") {
        Digest digest;
        run(digest, 1, "true", success());
        run(digest, 17, "./check --all", saying(exit_with(3), "1\n2\n3\nassertion failed\n"));
        run(digest, 190, "echo 'it'", saying(crash(), "not this"));
        digest.on_not_started(samples::job(191));
        CHECK(digest.text({.just_shown = 190}) ==
              "antsrun: 2 of 3 jobs failed, 1 not started\n"
              "  #17  ./check --all\n"
              "       exit 3\n"
              "       | 2\n"
              "       | 3\n"
              "       | assertion failed\n"
              "  #190  echo 'it'\n"
              "        crashed with SIGSEGV (core dumped)\n"
              "antsrun: to run them again:\n"
              "  printf '%s\\n' './check --all' 'echo '\\''it'\\''' | antsrun\n");
    }

    TEST_CASE("digest: shows at most ten") {
        Digest digest;
        for (std::uint64_t seq = 1; seq <= 12; ++seq) {
            run(digest, seq, "exit " + std::to_string(seq), exit_with(1));
        }
        const std::string text = digest.text({});
        CHECK(text.find("antsrun: 12 of 12 jobs failed\n") == 0);
        CHECK(text.find("#10") != std::string::npos);
        CHECK(text.find("#11") == std::string::npos);
        CHECK(text.find("  ... and 2 more\n") != std::string::npos);
        CHECK(text.find("'exit 10' | antsrun\n") != std::string::npos);
        CHECK(text.find("exit 11") == std::string::npos);
    }

    TEST_CASE("digest: the last lines are at most three, less blank ones at the end") {
        struct Row {
            const char* tail;
            const char* shown;
        };
        const Row rows[] = {{"", ""},
                            {"\n\n", ""},
                            {"a", "      | a\n"},
                            {"\na\n\n", "      | \n      | a\n"},
                            {"a\nb\nc", "      | a\n      | b\n      | c\n"},
                            {"\na\n\nc\n", "      | a\n      | \n      | c\n"}};
        for (const Row& row : rows) {
            CAPTURE(std::string(row.shown));
            Digest digest;
            run(digest, 1, "x", saying(exit_with(1), row.tail));
            CHECK(digest.text({}) ==
                  "antsrun: 1 of 1 job failed\n  #1  x\n      exit 1\n" + std::string(row.shown) +
                      "antsrun: to run them again:\n  printf '%s\\n' x | antsrun\n");
        }
    }

    TEST_CASE("digest: nothing in it drives a terminal") {
        Digest digest;
        const std::string evil = "a\x1b[2J\x7F\xC2\x9B\r\x07\xFF\x9B\tb";
        run(digest, 1, evil, saying(ended(Thrown{evil}), evil + "\n" + evil));
        run(digest, 2, evil + evil, ended(NotStarted{NotStarted::Why::cannot_run, evil}));
        const std::string text = digest.text({});
        CHECK(is_safe_for_terminal(text));
        CHECK(digest.text({.color = true}).find("\x1b[31m") != std::string::npos);
    }

    TEST_CASE("digest: long lines are cut") {
        Digest digest;
        std::string wide;
        for (int i = 0; i < 1000; ++i) {
            wide += "\xE2\x82\xAC";
        }
        run(digest, 1, wide, saying(exit_with(1), std::string(2000, 'x')));
        const std::string text = digest.text({});
        CHECK(text.find("  #1  " + wide.substr(0, 3 * Digest::kColumns) + "...\n") !=
              std::string::npos);
        CHECK(text.find("      | " + std::string(Digest::kColumns, 'x') + "...\n") !=
              std::string::npos);
    }

    TEST_CASE("digest: the line to paste gives back the commands, byte for byte") {
        const std::string quotes = R"(echo "a" 'b' \n $HOME `id` !! %s %d *)";
        std::string bytes;
        for (int byte = 1; byte < 256; ++byte) {
            bytes += static_cast<char>(byte);
        }
        for (const char* shell : {"dash", "bash", "sh"}) {
            CAPTURE(shell);
            Digest digest;
            run(digest, 1, quotes, exit_with(1));
            run(digest, 2, "-n \xE2\x82\xAC", exit_with(1));
            CHECK(pasted(digest, shell) == quotes + "\n-n \xE2\x82\xAC\n");
            run(digest, 3,
                "tab\there\x1b[0m\x01"
                "7",
                exit_with(1));
            CHECK(pasted(digest, shell) == quotes +
                                               "\n-n \xE2\x82\xAC\ntab\there\x1b[0m\x01"
                                               "7\n");
            run(digest, 4, bytes, exit_with(1));
            CHECK(pasted(digest, shell) == quotes + '\0' + "-n \xE2\x82\xAC" + '\0' +
                                               "tab\there\x1b[0m\x01"
                                               "7" +
                                               '\0' + bytes + '\0');
        }
    }

    TEST_CASE("digest: what cannot be run again is left out of the line to paste") {
        Digest digest;
        Job job = samples::job(1, "a");
        job.problem = "line 1: contains a NUL byte";
        digest.on_finished({job, "a", 1, ended(NotStarted{{}, job.problem})});
        CHECK(digest.text({}).find("again") == std::string::npos);
        run(digest, 2, std::string(Digest::kLongestRerun + 1, 'x'), exit_with(1));
        run(digest, 3, "b", exit_with(1));
        CHECK(digest.text({}).find("antsrun: to run them again (2 cannot be given here):\n"
                                   "  printf '%s\\n' b | antsrun\n") != std::string::npos);
    }
}

}  // namespace antsrun
