#include "emit/result_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace antsrun {
namespace {

// The directories that lead to `path`, from the first that is missing.
std::optional<Error> make_directories(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) {
        return std::nullopt;
    }
    const std::string directory = path.substr(0, slash);
    if (::mkdir(directory.c_str(), 0777) == 0 || errno == EEXIST) {
        return std::nullopt;  // a file of that name shows when something is to be made in it
    }
    if (errno != ENOENT) {
        return last_error(fmt::format("make directory '{}'", directory));
    }
    if (auto error = make_directories(directory)) {
        return error;
    }
    if (::mkdir(directory.c_str(), 0777) != 0 && errno != EEXIST) {
        return last_error(fmt::format("make directory '{}'", directory));
    }
    return std::nullopt;
}

Result<UniqueFd> make_file(const std::string& path) {
    struct stat old {};
    if (::lstat(path.c_str(), &old) == 0 && S_ISREG(old.st_mode)) {
        ::unlink(path.c_str());
    }
    return open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOCTTY, 0666);
}

}  // namespace

Result<OpenResultFiles> OpenResultFiles::create(const ResultFiles& paths, std::uint64_t seq) {
    if (const auto error = make_directories(paths.out)) {
        return *error;
    }
    auto out = make_file(paths.out);
    auto err = out ? make_file(paths.err) : std::move(out);
    auto number = err ? make_file(paths.seq) : std::move(err);
    if (!number) {
        return number.error();
    }
    if (!write_all(number->get(), std::to_string(seq))) {
        return last_error(fmt::format("write '{}'", paths.seq));
    }
    return OpenResultFiles(paths, std::move(*out), std::move(*err));
}

void OpenResultFiles::write(Stream stream, std::string_view bytes) {
    const bool is_out = stream == Stream::out;
    if (!error_ && !write_all((is_out ? out_ : err_).get(), bytes)) {
        error_ = last_error(fmt::format("write '{}'", is_out ? paths_.out : paths_.err));
    }
}

}  // namespace antsrun
