#include "base/error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace antsrun {

std::string Error::message() const {
    return code == 0 ? what : fmt::format("{}: {}", what, strerrordesc_np(code));
}

Error last_error(std::string what) { return Error{std::move(what), errno}; }

}  // namespace antsrun
