// The bytes of one stream of one job, kept until they may be printed: in memory up to a bound,
// beyond it in an unnamed file of $TMPDIR that only we can reach and that nobody has to clean up.
//
// Belongs to one thread at a time: the job's worker while it runs, then control.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fd.hpp"

namespace antsrun {

// How much memory all spools together may use. Shared by all threads; outlives all spools.
class SpoolBudget {
public:
    explicit SpoolBudget(std::size_t limit) : limit_(limit) {}

    bool take(std::size_t bytes) noexcept;
    void give_back(std::size_t bytes) noexcept;

private:
    const std::size_t limit_;
    std::atomic<std::size_t> used_{0};
};

class Spool {
public:
    // More than this of one stream goes to the file.
    static constexpr std::size_t kInMemory = 1024 * 1024;

    explicit Spool(SpoolBudget& budget) : budget_(&budget) {}
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&& other) noexcept;
    ~Spool();

    // Keep these bytes. False if they went to memory beyond the bound because there is no file or
    // it is full: append no more if it can be helped.
    bool append(std::string_view bytes);

    bool is_empty() const { return file_size_ == 0 && memory_.empty(); }
    std::uint64_t size() const { return file_size_ + memory_.size(); }

    // The content is file()[0, file_size()) followed by memory().
    int file() const { return file_.get(); }
    std::uint64_t file_size() const { return file_size_; }
    const std::string& memory() const { return memory_; }

private:
    bool spill();
    bool write_to_file(std::string_view& bytes);

    SpoolBudget* budget_;
    std::size_t taken_ = 0;  // of the budget
    std::string memory_;
    UniqueFd file_;
    std::uint64_t file_size_ = 0;
};

}  // namespace antsrun
