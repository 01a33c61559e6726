#include "emit/result_files.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace antsrun {
namespace {

// A directory that goes with all that is in it.
struct Directory {
    ~Directory() { std::filesystem::remove_all(path); }

    ResultFiles files(const std::string& where) const {
        return {path + where + "out", path + where + "err", path + where + "seq"};
    }
    std::string text(const std::string& name) const {
        std::ifstream in(path + name);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    static std::string make() {
        std::string name = "/tmp/antsrun-results.XXXXXX";
        return ::mkdtemp(name.data());
    }
    const std::string path = make();
};

TEST_CASE("result files: the streams and the number, in directories that were not there") {
    const Directory directory;
    auto files = OpenResultFiles::create(directory.files("/a/b//c/"), 42);
    REQUIRE(files);
    files->write(Stream::out, "one ");
    files->write(Stream::err, "two");
    files->write(Stream::out, "three");
    CHECK(directory.text("/a/b/c/out") == "one three");
    CHECK(directory.text("/a/b/c/err") == "two");
    CHECK(directory.text("/a/b/c/seq") == "42");
    CHECK_FALSE(files->error());
}

TEST_CASE("result files: two jobs of the same name do not write into one file") {
    const Directory directory;
    auto first = OpenResultFiles::create(directory.files("/"), 1);
    first->write(Stream::out, "a long first text");
    auto second = OpenResultFiles::create(directory.files("/"), 2);
    second->write(Stream::out, "second");
    first->write(Stream::out, " and more");
    CHECK(directory.text("/out") == "second");
    CHECK(directory.text("/seq") == "2");
}

TEST_CASE("result files: what cannot be made") {
    const Directory directory;
    std::ofstream(directory.path + "/file") << "x";
    CHECK(OpenResultFiles::create(directory.files("/file/"), 1).error().code == ENOTDIR);
    CHECK(OpenResultFiles::create(directory.files("/file/sub/"), 1).error().code == ENOTDIR);
    const auto long_path = OpenResultFiles::create(directory.files(std::string(5000, '/')), 1);
    CHECK(long_path.error().code == ENAMETOOLONG);
    ::mkdir((directory.path + "/err").c_str(), 0700);
    const auto taken = OpenResultFiles::create(directory.files("/"), 1);
    CHECK(taken.error().message().find("/err'") != std::string::npos);
    CHECK(directory.text("/file") == "x");
}

TEST_CASE("result files: a device is written to, not replaced; its error is kept") {
    const Directory directory;
    ResultFiles paths = directory.files("/");
    paths.err = directory.path + "/full";
    std::filesystem::create_symlink("/dev/full", paths.err);
    auto files = OpenResultFiles::create(paths, 1);
    REQUIRE(files);
    files->write(Stream::err, "text");
    REQUIRE(files->error());
    CHECK(files->error()->code == ENOSPC);
    CHECK(files->error()->what.find("/full'") != std::string::npos);
    CHECK(std::filesystem::is_symlink(paths.err));
}

}  // namespace
}  // namespace antsrun
