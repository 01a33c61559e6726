#include "emit/spool.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace antsrun {
namespace {

// Without O_TMPFILE (some network and overlay file systems) a name exists for a moment.
UniqueFd open_unnamed_file() {
    const char* set = std::getenv("TMPDIR");
    const std::string directory = set != nullptr && *set != '\0' ? set : "/tmp";
    UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600));
    if (!file && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
        std::string name = directory + "/antsrun.XXXXXX";
        file = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
        if (file) {
            ::unlink(name.c_str());
        }
    }
    return file;
}

}  // namespace

bool SpoolBudget::take(std::size_t bytes) noexcept {
    if (used_.fetch_add(bytes) + bytes <= limit_) {
        return true;
    }
    used_.fetch_sub(bytes);
    return false;
}

void SpoolBudget::give_back(std::size_t bytes) noexcept { used_.fetch_sub(bytes); }

Spool::Spool(Spool&& other) noexcept
    : budget_(other.budget_),
      taken_(std::exchange(other.taken_, 0)),
      memory_(std::exchange(other.memory_, {})),
      file_(std::move(other.file_)),
      file_size_(std::exchange(other.file_size_, 0)) {}

Spool& Spool::operator=(Spool&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(taken_, other.taken_);
    std::swap(memory_, other.memory_);
    std::swap(file_, other.file_);
    std::swap(file_size_, other.file_size_);
    return *this;
}

Spool::~Spool() {
    if (taken_ > 0) {
        budget_->give_back(taken_);
    }
}

bool Spool::append(std::string_view bytes) {
    if (!file_ && memory_.size() + bytes.size() <= kInMemory && budget_->take(bytes.size())) {
        taken_ += bytes.size();
        memory_.append(bytes);
        return true;
    }
    if (spill() && write_to_file(bytes)) {
        return true;
    }
    memory_.append(bytes);
    return false;
}

// Move what is in memory to the file.
bool Spool::spill() {
    if (!file_) {
        file_ = open_unnamed_file();
    }
    if (!file_) {
        return false;
    }
    std::string_view rest = memory_;
    const bool all = write_to_file(rest);
    memory_.erase(0, memory_.size() - rest.size());
    if (all) {
        std::string().swap(memory_);  // "= {}" would keep the memory
        budget_->give_back(std::exchange(taken_, 0));
    }
    return all;
}

// Advances `bytes` past what was written.
bool Spool::write_to_file(std::string_view& bytes) {
    while (!bytes.empty()) {
        const ssize_t n =
            ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(file_size_));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        file_size_ += static_cast<std::uint64_t>(n);
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

}  // namespace antsrun
