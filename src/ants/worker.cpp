#include "ants/worker.hpp"

#include <utility>

#include "ants/pool_core.hpp"

namespace ants::detail {

// Suspended before it is given back: from then on another carrier may resume it.
struct Worker::GiveBack {
    Worker& worker;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> /*life*/) const noexcept {
        worker.core.finish(worker);
    }
    void await_resume() const noexcept {}
};

Worker::Life Worker::live(Worker& worker) {
    for (;;) {
        std::exception_ptr panic;
        try {
            const Task<> task = worker.task.start(worker.id);
            co_await task;
        } catch (...) {
            panic = std::current_exception();
        }
        if (panic != nullptr) {
            worker.core.note_panic(worker, std::move(panic));
        }
        co_await GiveBack{worker};
    }
}

void Worker::begin(Event& event) noexcept {
    auto& worker = static_cast<Worker&>(event);
    worker.began = Clock::now();
    if (worker.task.is_plain()) {
        worker.run_plain();
        return;
    }
    if (!worker.life_) {
        worker.life_ = live(worker).handle;
    }
    worker.life_.resume();
}

void Worker::run_plain() noexcept {
    try {
        task.call(id);
    } catch (...) {
        core.note_panic(*this, std::current_exception());
    }
    core.finish(*this);
}

void Worker::destroy_life() noexcept {
    if (life_) {
        std::exchange(life_, {}).destroy();
    }
}

}  // namespace ants::detail
