// Records each job that ends in the journal. Control thread only.
#pragma once

#include <functional>
#include <utility>

#include "job/seams.hpp"
#include "report/journal.hpp"

namespace antsrun {

// What antsrun itself has ended is not recorded: it is to run again.
class JournalKeeper : public Observer {
public:
    // `failed` is called with what could not be written, once.
    JournalKeeper(Journal& journal, std::function<void(const Error&)> failed)
        : journal_(journal), failed_(std::move(failed)) {}

    void on_read(const Job& /*job*/) override {}
    void on_not_started(const Job& /*job*/) override {}
    void on_finished(const Finished& finished) override {
        if (finished.outcome.cause() == Cause::killed) {
            return;
        }
        const auto error = journal_.record(finished);
        if (error && !std::exchange(has_failed_, true)) {
            failed_(*error);
        }
    }

private:
    Journal& journal_;
    const std::function<void(const Error&)> failed_;
    bool has_failed_ = false;
};

}  // namespace antsrun
