// The idle workers of a pool, the longest idle first. Guarded by the pool's lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ants/worker.hpp"

namespace ants::detail {

// A ring that grows, unless it was made large enough from the start. Last-in first-out for reuse
// keeps memory warm and lets the surplus age; first-in first-out is the order of a preallocated
// pool.
class IdleWorkers {
public:
    // `places` > 0: allocate this many now and be first-in first-out.
    explicit IdleWorkers(std::size_t places) : ring_(places), is_fifo_(places > 0) {}

    bool is_empty() const noexcept { return size_ == 0; }
    const Worker& oldest() const noexcept { return *ring_[first_]; }

    void push(Worker& worker);
    // The one to be reused next.
    Worker& pop() noexcept { return is_fifo_ ? pop_oldest() : pop_newest(); }
    Worker& pop_oldest() noexcept;

    // Take out all with an id above `highest`, and of the others those with the highest ids until
    // `count` are out or none is left.
    std::vector<Worker*> take_highest(std::int32_t count, std::int32_t highest);

private:
    Worker& pop_newest() noexcept;
    std::size_t wrap(std::size_t place) const noexcept {
        return place < ring_.size() ? place : place - ring_.size();
    }

    std::vector<Worker*> ring_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    const bool is_fifo_;
};

}  // namespace ants::detail
