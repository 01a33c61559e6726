#include "ants/pool.hpp"

#include <cassert>

#include "ants/pool_core.hpp"

namespace ants {
namespace detail {

bool Submission::await_suspend(std::coroutine_handle<> handle) {
    carrier = Carrier::current();
    assert(carrier != nullptr);
    waiter = handle;
    return core.submit_or_park(*this);
}

void Submission::resume(Event& event) noexcept {
    auto& submission = static_cast<Submission&>(event);
    submission.is_parked = false;
    submission.waiter.resume();
}

Submission::~Submission() {
    if (is_parked && (is_answered.load(std::memory_order_acquire) || !core.forget(*this))) {
        carrier->withdraw(*this);
    }
}

}  // namespace detail

Pool::Pool(std::int32_t capacity, Options options)
    : core_(std::make_unique<detail::PoolCore>(capacity, std::move(options))) {}

Pool::~Pool() = default;

std::error_code Pool::submit_box(detail::TaskBox& task) { return core_->submit(task); }

std::int32_t Pool::running() const { return core_->running(); }
std::int32_t Pool::free() const { return core_->free(); }
std::int32_t Pool::waiting() const { return core_->waiting(); }
std::int32_t Pool::capacity() const { return core_->capacity(); }
bool Pool::is_closed() const { return core_->is_closed(); }
std::int32_t Pool::carriers() const { return core_->carriers(); }

void Pool::tune(std::int32_t n) { core_->tune(n); }
void Pool::release() { core_->release(); }
std::error_code Pool::release(std::chrono::nanoseconds timeout) { return core_->release(timeout); }
void Pool::reboot() { core_->reboot(); }

Statistics Pool::statistics() const { return core_->statistics(); }
std::vector<WorkerStatistics> Pool::workers() const { return core_->workers(); }

}  // namespace ants
