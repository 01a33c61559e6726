// How xargs judges its jobs (xargs mode, --exit-status xargs): 123 if some failed; it gives up at
// once when one exits with 255 (124), dies of a signal (125), cannot be run (126) or is not found
// (127). Control thread only.
#pragma once

#include <functional>
#include <string>

#include "job/seams.hpp"

namespace antsrun {

class XargsVerdict : public Observer {
public:
    // `give_up` is called once, with the reason.
    explicit XargsVerdict(std::function<void(const std::string&)> give_up)
        : give_up_(std::move(give_up)) {}

    void on_read(const Job& /*job*/) override {}
    void on_finished(const Finished& finished) override;
    void on_not_started(const Job& /*job*/) override {}

    int exit_status() const { return exit_status_; }

private:
    const std::function<void(const std::string&)> give_up_;
    int exit_status_ = 0;
};

}  // namespace antsrun
