#include "expand/command_line.hpp"

#include <doctest/doctest.h>

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace antsrun {
namespace {

Command rendered(const std::string& line, const std::string& shell = "/bin/sh",
                 char** environment = environ) {
    const CommandLineRenderer renderer({shell, environment});
    Job job;
    job.arguments = {line};
    return renderer.render(job, 1);
}

TEST_CASE("command line: executed directly or through the shell") {
    ::setenv("PWD", std::filesystem::current_path().c_str(), 1);
    SUBCASE("directly if no shell is needed") {
        const Command command = rendered("ls 'a b'");
        CHECK(command.words == std::vector<std::string>{"ls", "a b"});
        CHECK(command.file.empty());
        CHECK(command.line == "ls 'a b'");
    }
    SUBCASE("through the shell otherwise") { CHECK(rendered("ls | wc").words.empty()); }
    SUBCASE("twins of builtins from the system's directory, whatever PATH says") {
        CHECK(rendered("echo a").file.ends_with("/bin/echo"));
    }
    SUBCASE("always through a shell that was asked for") {
        CHECK(rendered("ls", "/bin/bash").words.empty());
    }
    SUBCASE("through the shell if it would set PWD") {
        ::setenv("PWD", "/nonexistent", 1);
        CHECK(rendered("ls").words.empty());
    }
    SUBCASE("through the shell if it would import functions") {
        char function[] = "BASH_FUNC_ls%%=() { :; }";
        char* environment[] = {function, nullptr};
        CHECK(rendered("ls", "/bin/sh", environment).words.empty());
    }
}

}  // namespace
}  // namespace antsrun
