// What a real shell makes of a script: for tests that compare us with it.
#pragma once

#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace antsrun {

// The output of `SHELL NAME.sh` with this content; the file lies in the current directory
// meanwhile.
inline std::string output_of_shell(const std::string& shell_name, const std::string& name,
                                   std::string_view script) {
    const std::string file_name = name + ".sh";
    std::FILE* const file = std::fopen(file_name.c_str(), "w");
    REQUIRE(file != nullptr);
    std::fwrite(script.data(), 1, script.size(), file);
    std::fclose(file);
    std::FILE* const shell = ::popen(("LC_ALL=C " + shell_name + " ./" + file_name).c_str(), "r");
    REQUIRE(shell != nullptr);
    std::string output;
    for (int c = 0; (c = std::fgetc(shell)) != EOF;) {
        output += static_cast<char>(c);
    }
    CHECK(::pclose(shell) == 0);
    std::remove(file_name.c_str());
    return output;
}

inline std::string output_of_sh(const std::string& name, std::string_view script) {
    return output_of_shell("sh", name, script);
}

}  // namespace antsrun
