// When the run is to end before its input does (--halt), and what antsrun exits with then. Control
// thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "dispatch/failure_config.hpp"
#include "job/seams.hpp"

namespace antsrun {

class Halt : public Observer {
public:
    // `reached` is called once: no more jobs are to start, or those that run are to end as well.
    Halt(HaltConfig config, std::function<void(HaltConfig::When)> reached)
        : config_(config), reached_(std::move(reached)) {}

    void on_read(const Job& /*job*/) override {}
    void on_finished(const Finished& finished) override;
    void on_not_started(const Job& /*job*/) override {}

    bool is_reached() const { return is_reached_; }
    // Nothing: that of any other run.
    std::optional<int> exit_status() const { return exit_status_; }

private:
    std::uint64_t matching() const;
    std::optional<int> status_of(const Finished& last) const;

    const HaltConfig config_;
    const std::function<void(HaltConfig::When)> reached_;
    std::uint64_t failed_ = 0;
    std::uint64_t succeeded_ = 0;
    bool is_reached_ = false;
    std::optional<int> exit_status_;
};

}  // namespace antsrun
