#include "read/shuffle.hpp"

#include <limits>
#include <utility>

namespace antsrun {
namespace {

std::uint64_t any_seed() {
    std::random_device device;
    const std::uint64_t high = device();
    return high << 32 | device();
}

}  // namespace

Shuffle::Shuffle(std::unique_ptr<RecordSource> records, std::optional<std::uint64_t> seed)
    : records_(std::move(records)), random_(seed ? *seed : any_seed()) {}

ants::Task<std::optional<Record>> Shuffle::next() {
    if (!std::exchange(has_read_, true)) {
        co_await read_all();
        shuffle();
    }
    if (all_.empty()) {
        co_return std::nullopt;
    }
    Record record = std::move(all_.back());
    all_.pop_back();
    co_return record;
}

ants::Task<> Shuffle::read_all() {
    for (;;) {
        auto record = co_await records_->next();
        if (!record) {
            co_return;
        }
        all_.push_back(std::move(*record));
    }
}

// Fisher and Yates. std::shuffle and std::uniform_int_distribution are not the same everywhere.
void Shuffle::shuffle() {
    for (std::size_t left = all_.size(); left > 1; --left) {
        std::swap(all_[left - 1], all_[draw(left)]);
    }
}

// One of 0 to count - 1, each as likely as the others: the last, incomplete round of the
// generator's numbers is not used.
std::uint64_t Shuffle::draw(std::uint64_t count) {
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    const std::uint64_t end = kMax - kMax % count;
    for (;;) {
        const std::uint64_t drawn = random_();
        if (drawn < end) {
            return drawn % count;
        }
    }
}

}  // namespace antsrun
