// The main of every doctest executable. Tests may create files: they work in a directory of their
// own, which goes at the end.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

int main(int argc, char** argv) {
    const auto start = std::filesystem::current_path();
    std::string own = std::filesystem::temp_directory_path() / "antsrun-unit-XXXXXX";
    if (::mkdtemp(own.data()) == nullptr || ::chdir(own.c_str()) != 0) {
        std::perror(own.c_str());
        return 1;
    }
    const int status = doctest::Context(argc, argv).run();
    std::filesystem::current_path(start);
    std::error_code error;
    std::filesystem::remove_all(own, error);
    return status;
}
