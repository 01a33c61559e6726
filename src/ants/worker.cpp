#include "ants/worker.hpp"

#include <exception>
#include <utility>

#include "ants/pool_core.hpp"

namespace ants::detail {

// On the carrier.
void Worker::begin(Event& event) noexcept {
    auto& worker = static_cast<Worker&>(event);
    worker.began = Clock::now();
    try {
        if (!worker.start_task()) {
            return;  // task_ended() will be called
        }
    } catch (...) {
        worker.core.note_panic(std::current_exception(), worker);
    }
    worker.finish();
}

// True: it has ended.
bool Worker::start_task() {
    if (task.is_plain()) {
        task.call(id);
        return true;
    }
    parking_ = task.start(id);
    return parking_.start(&task_ended, this);
}

void Worker::task_ended(void* worker) noexcept { static_cast<Worker*>(worker)->finish(); }

void Worker::finish() noexcept {
    if (parking_.handle_) {
        if (std::exception_ptr& panic = parking_.handle_.promise().exception; panic != nullptr) {
            core.note_panic(std::exchange(panic, nullptr), *this);
        }
        parking_ = {};
    }
    task.reset();
    core.take_back(*this);  // it may be anybody's from here on
}

void Worker::drop_task() noexcept {
    parking_ = {};
    task.reset();
}

}  // namespace ants::detail
